using k8s.Models;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.MailUsers;

namespace MailOperator.UnitTests.Api;

public sealed class ObjectIndexesTests
{
    private readonly ObjectStore<MailDevice> _devices = new();

    [Fact]
    public void DevicesByUser_AnyDevice_HasTheKeyOfTheUserThatItNames()
    {
        MailDevice named = Device("a", user: "ada"), other = Device("b");

        Assert.Equal(UserReference.Of(named), Assert.Single(ObjectIndexes.DevicesByUser.KeysOf(named)));
        Assert.Null(UserReference.Of(other));
        Assert.Empty(ObjectIndexes.DevicesByUser.KeysOf(other));
    }

    [Theory]
    [InlineData("one", null, true)]
    [InlineData("other", "one", true)] // it may have slots at both
    [InlineData(null, "one", true)]
    [InlineData("one", "one", true)] // mutant: found twice
    [InlineData(null, null, true)] // uses the default
    [InlineData(null, "", true)]
    [InlineData("other", null, false)]
    [InlineData(null, "other", false)] // stays with its credential, even if another becomes the default
    public void DevicesThatMayUse_DeviceNamesOrHasABackend_AreFoundOnce(string? named, string? bound, bool isFound)
    {
        _devices.Put(Device("a", backend: named, bound: bound));

        Assert.Equal(isFound ? 1 : 0, _devices.DevicesThatMayUse("one").Count());
    }

    [Fact]
    public void InvitationsByMailbox_OtherCase_IsTheSameMailbox()
    {
        var invitations = new ObjectStore<DeviceInvitation>();
        invitations.Put(new DeviceInvitation
        {
            Metadata = new V1ObjectMeta { NamespaceProperty = "shop", Name = "ada" },
            Spec = new DeviceInvitationSpec
            {
                Mailbox = "Ada@Example.org",
                UserRef = new ObjectReference { Name = "ada" },
            },
        });

        Assert.Single(
            invitations.ByIndex(ObjectIndexes.InvitationsByMailbox, MailboxAddress.Normalize("ADA@example.org")));
        Assert.Single(invitations.ByIndex(ObjectIndexes.InvitationsByUser, new ObjectKey("shop", "ada")));
        Assert.Empty(invitations.ByIndex(ObjectIndexes.InvitationsByUser, new ObjectKey("other", "ada")));
        Assert.Single(invitations.ByIndex(ObjectIndexes.InvitationsByNamespace, "shop"));
    }

    private static MailDevice Device(string name, string? user = null, string? backend = null, string? bound = null) =>
        new()
        {
            Metadata = new V1ObjectMeta { NamespaceProperty = "shop", Name = name, Uid = name },
            Spec = new MailDeviceSpec
            {
                UserRef = user is null ? null : new ObjectReference { Name = user },
                BackendRef = backend is null ? null : new ObjectReference { Name = backend },
            },
            Status = bound is null ? null : new MailDeviceStatus { Backend = bound },
        };
}
