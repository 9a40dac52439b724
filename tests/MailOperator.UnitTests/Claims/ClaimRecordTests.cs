using MailOperator.Api;
using MailOperator.Claims;
using MailOperator.Kubernetes;
using MailOperator.UnitTests.DeviceInvitations;
using MailOperator.UnitTests.MailDevices;

namespace MailOperator.UnitTests.Claims;

/// <summary>What was decided about a claim, and which password a device gets from it.</summary>
public sealed class ClaimRecordTests
{
    private static readonly ClaimRecord Recorded = Invitations.Record with { Device = "uid-d" };

    [Fact]
    public void Of_OwnRecord_IsReadAsWritten() =>
        Assert.Equal(Recorded, ClaimRecord.Of(Invitation(Recorded.ToText())));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"uid":"uid-a"}""")]
    [InlineData("""{"uid":"uid-a","at":"yesterday"}""")]
    [InlineData("""{"uid":"uid-a","at":"2026-11-24T12:00:00Z","end":"Whatever"}""")]
    [InlineData("""{"uid":"uid-of-another","at":"2026-11-24T12:00:00Z"}""")]
    public void Of_JunkOrAnothersRecord_IsNone(string? text)
    {
        // Mutants: throw; do not compare the UID, so that a copied invitation can never be used.
        Assert.Null(ClaimRecord.Of(Invitation(text)));
        Assert.Null(ClaimRecord.Of(null));
    }

    [Theory]
    [InlineData("id")]
    [InlineData("selector")]
    [InlineData("isChosen")]
    [InlineData("hash")]
    [InlineData("none")]
    [InlineData("")]
    public void Read_ClaimInTheStatus_GivesItsHashOnlyIfAllOfItWasRecorded(string changed)
    {
        // Mutants: compare the id alone; compare no hash; take selector or isChosen from the status.
        InvitationClaim? written = changed == "none" ? null : new InvitationClaim
        {
            Id = changed == "id" ? "another" : "claim-1",
            At = Snapshots.Now,
            Selector = changed == "selector" ? "bbbbbb" : "aaaaaa",
            IsChosen = changed == "isChosen",
            Hash = changed == "hash" ? Snapshots.ClaimedHash[..^1] + "j" : Snapshots.ClaimedHash,
        };

        InvitationClaim read = Recorded.Read(written)!;

        Assert.Equal(("claim-1", "aaaaaa", false), (read.Id, read.Selector, read.IsChosen));
        Assert.Equal(changed.Length == 0 ? Snapshots.ClaimedHash : null, read.Hash);
    }

    [Fact]
    public void Read_RecordWithoutAHash_GivesNone()
    {
        // Mutant: a record that was made again from a device accepts the hash that happens to be in the status.
        ClaimRecord again = ClaimRecord.Of("uid-a", Invitations.Claim, Snapshots.Now) with { Device = "uid-d" };

        Assert.Null(again.Read(Invitations.Claim)!.Hash);
        Assert.Null(ClaimRecord.Of("uid-a", claim: null, Snapshots.Now).Read(Invitations.Claim));
    }

    [Theory]
    [InlineData("uid-d", true)]
    [InlineData("uid-of-another", false)]
    public void ClaimedPasswords_DeviceOfTheRecord_GetsTheHash(string device, bool getsIt)
    {
        // Mutant: the status says which device it is. The portal could give a claim's password to any device.
        DeviceInvitation invitation = Invitation(Recorded.ToText());
        invitation.Status = new DeviceInvitationStatus
        {
            Claim = Invitations.Claim,
            DeviceRef = new ClaimedDeviceReference { Name = "ada-phone", Uid = device },
        };

        ClaimedPassword claimed = Find(invitation, device)!;

        Assert.Equal(getsIt ? Snapshots.ClaimedHash : null, claimed.Claim?.Hash);
        Assert.False(claimed.IsClaimLost);
    }

    [Fact]
    public void ClaimedPasswords_NoRecord_GivesNothingThoughTheStatusNamesTheDevice()
    {
        DeviceInvitation invitation = Invitation(record: null);
        invitation.Status = new DeviceInvitationStatus
        {
            Claim = Invitations.Claim,
            DeviceRef = new ClaimedDeviceReference { Name = "ada-phone", Uid = "uid-d" },
        };

        Assert.Equal(new ClaimedPassword("ada-phone", Claim: null), Find(invitation, "uid-d"));
    }

    [Fact]
    public void ClaimedPasswords_RecordWithoutItsClaim_IsLost() =>
        Assert.True(Find(
            Invitation((ClaimRecord.Of("uid-a", claim: null, Snapshots.Now) with { Device = "uid-d" }).ToText()),
            "uid-d")!.IsClaimLost);

    [Theory]
    [InlineData("$2y$04$", 4)]
    [InlineData("$2y$10$", 10)]
    [InlineData("$2y$15$", 15)]
    public void WorkFactorOf_Hash_IsItsCost(string start, int cost) =>
        Assert.Equal(cost, ClaimedPasswords.WorkFactorOf(start + Snapshots.ClaimedHash[7..]));

    private static ClaimedPassword? Find(DeviceInvitation invitation, string device)
    {
        var store = new ObjectStore<DeviceInvitation>();
        store.Put(invitation);
        return new ClaimedPasswords(store).Of(new MailDevice
        {
            Metadata = new() { Name = "ada-phone", NamespaceProperty = "shop", Uid = device },
            Spec = new MailDeviceSpec
            {
                Password = new PasswordSpec { InvitationRef = new ObjectReference { Name = "ada-phone" } },
            },
        });
    }

    private static DeviceInvitation Invitation(string? record) => new()
    {
        Metadata = new()
        {
            Name = "ada-phone",
            NamespaceProperty = "shop",
            Uid = "uid-a",
            Annotations = record is null ? null : new Dictionary<string, string> { [Annotations.ClaimRecord] = record },
        },
    };
}
