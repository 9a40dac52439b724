using MailOperator.Api;
using static MailOperator.UnitTests.Portal.Links;

namespace MailOperator.UnitTests.Portal;

/// <summary>A portal over HTTP, an invitation, and a browser of the person who has its link.</summary>
public abstract class PortalHttpTest : IAsyncLifetime
{
    private protected string Token { get; } = NewText();

    private protected PortalRig Rig { get; private set; } = null!; // made in InitializeAsync

    private protected PortalRig.Visitor Visitor { get; private set; } = null!;

    private protected string Link => $"/i/{Token}";

    private protected virtual DeviceInvitation Invited => Invitation(Token);

    public async ValueTask InitializeAsync()
    {
        Rig = await PortalRig.StartAsync();
        Visitor = Rig.NewVisitor();
        Rig.Put(Invited);
    }

    public async ValueTask DisposeAsync()
    {
        Visitor.Dispose();
        await Rig.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected static Task<string> BodyAsync(HttpResponseMessage answer) =>
        answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
}
