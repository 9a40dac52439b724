using MailOperator.Api;
using MailOperator.Portal.Claims;
using static MailOperator.UnitTests.Portal.Links;

namespace MailOperator.UnitTests.Portal;

public sealed class InvitationIndexTests
{
    private readonly InvitationIndex _index = new();
    private readonly string _token = NewText();

    [Fact]
    public void Find_ByTheLink_IsTheInvitation()
    {
        DeviceInvitation invitation = Invitation(_token);
        _index.Follow(null, invitation);

        Assert.Same(invitation, _index.Find(Parse(_token)));
        Assert.Null(_index.Find(NewToken()));
    }

    [Fact]
    public void Find_AfterANewLink_KnowsTheOldOneNoMore()
    {
        DeviceInvitation before = Invitation(_token);
        string fresh = NewText();
        DeviceInvitation now = Invitation(fresh);
        _index.Follow(null, before);
        _index.Follow(before, now);

        Assert.Null(_index.Find(Parse(_token)));
        Assert.Same(now, _index.Find(Parse(fresh)));
    }

    [Fact]
    public void Find_AfterDeletion_IsNothing()
    {
        DeviceInvitation invitation = Invitation(_token);
        _index.Follow(null, invitation);
        _index.Follow(invitation, null);

        Assert.Null(_index.Find(Parse(_token)));
        Assert.Empty(_index.All);
    }

    [Fact]
    public void Follow_NoLinkYet_IsNotIndexed()
    {
        _index.Follow(null, new DeviceInvitation());
        _index.Follow(null, Invitation(_token, change: status => status.TokenHash = ""));

        Assert.Empty(_index.All);
    }
}
