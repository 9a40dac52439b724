using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using MailOperator.Api;
using static MailOperator.UnitTests.Portal.Links;

namespace MailOperator.UnitTests.Portal;

/// <summary>What no browser of an invited person sends: cookies that are not theirs, and bodies without an end.</summary>
public sealed class PortalAbuseTests : IAsyncLifetime
{
    private readonly string _token = NewText();
    private PortalRig _rig = null!; // made in InitializeAsync
    private PortalRig.Visitor _visitor = null!;

    private string Link => $"/i/{_token}";

    public async ValueTask InitializeAsync()
    {
        _rig = await PortalRig.StartAsync();
        _visitor = _rig.NewVisitor();
        _rig.Put(Invitation(_token));
    }

    public async ValueTask DisposeAsync()
    {
        _visitor.Dispose();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task Cookie_AlteredOrOfAnotherClaimOrOfAnotherLink_OpensNothing()
    {
        string claim = await ClaimAsync(_token, "mine");
        string othersLink = NewText();
        string others = await ClaimAsync(othersLink, "others");
        _rig.Put(Claimed(_token, claim.Split('.')[0]));
        string[] forged =
        [
            $"{claim[..^9]}{(claim[^9] == 'A' ? 'B' : 'A')}{claim[^8..]}",
            claim[..^4],
            $"{new string('0', 64)}.{claim.Split('.')[1]}",
            $"{claim.Split('.')[0]}.{others.Split('.')[1]}",
            others,
            claim.Split('.')[0],
            new string('x', 3000),
        ];

        foreach (string cookie in forged)
        {
            using PortalRig.Visitor forger = _rig.NewVisitor();
            forger.Set("claim", _token, cookie);
            foreach (string path in (string[])[Link, $"{Link}/state", $"{Link}/mail.mobileconfig"])
            {
                using HttpResponseMessage answer = await forger.GetAsync(path);
                Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            }
        }

        using PortalRig.Visitor owner = _rig.NewVisitor();
        owner.Set("claim", _token, claim);
        using HttpResponseMessage shown = await owner.GetAsync(Link);
        Assert.Equal(HttpStatusCode.OK, shown.StatusCode); // the unaltered one does
    }

    [Fact]
    public async Task Cookie_Forged_LeavesAnOpenLinkOpen()
    {
        _visitor.Set("claim", _token, $"{new string('0', 64)}.{NewText()}");

        Assert.NotEmpty(await _visitor.SignatureAsync(Link));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA")] // half as long as ours
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!")]
    public async Task Nonce_NotOurs_IsReplaced_AndSpendsNothing(string nonce)
    {
        // Mutant: whatever stands there is taken. A password would come from a nonce that anybody guesses.
        string signature = await _visitor.SignatureAsync(Link);
        string ours = _visitor.Cookie("nonce", _token)!;
        _visitor.Set("nonce", _token, nonce);
        using HttpResponseMessage refused = await _visitor.PostAsync(Link, ("signature", signature));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Empty(_rig.Api.Requests);

        Assert.NotEqual(signature, await _visitor.SignatureAsync(Link));
        Assert.Equal(ours.Length, _visitor.Cookie("nonce", _token)!.Length);
    }

    [Fact]
    public async Task Body_WithoutALengthAndTooLarge_IsRefused()
    {
        using var endless = new Chunked(await FormAsync());
        using HttpResponseMessage answer = await _visitor.SendAsync(HttpMethod.Post, Link, endless, ("Transfer-Encoding", "chunked"));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Empty(_rig.Api.Requests);
    }

    [Fact(Timeout = 30_000)] // or it would wait for ever where the portal does
    public async Task Body_ThatComesTooSlowly_IsGivenUp()
    {
        string form = Encoding.ASCII.GetString(await FormAsync());
        using var socket = new TcpClient();
        await socket.ConnectAsync(_rig.Address.Host, _rig.Address.Port, TestContext.Current.CancellationToken);
        await using NetworkStream stream = socket.GetStream();
        string cookies = string.Join("; ", _visitor.Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"POST {Link} HTTP/1.1\r\nHost: devices.example.com\r\nCookie: {cookies}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n{form}"),
            TestContext.Current.CancellationToken);

        using var answer = new StreamReader(stream); // and nothing more is sent
        Assert.StartsWith("HTTP/1.1 408 ", await answer.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Empty(_rig.Api.Requests);
    }

    private async Task<byte[]> FormAsync() => Encoding.ASCII.GetBytes($"signature={Uri.EscapeDataString(await _visitor.SignatureAsync(Link))}&x=");

    /// <summary>The cookie of somebody who claims this link.</summary>
    private async Task<string> ClaimAsync(string token, string name)
    {
        _rig.Put(Invitation(token, name));
        _rig.Api.Answer(HttpStatusCode.OK);
        using PortalRig.Visitor person = _rig.NewVisitor();
        using HttpResponseMessage claimed = await person.ClaimAsync($"/i/{token}");
        return person.Cookie("claim", token)!;
    }

    private static DeviceInvitation Claimed(string token, string claim) =>
        Invitation(token, "mine", status => Claim(status, claim, Is(ConditionTypes.Claimed, "True", Reasons.Claimed)));

    /// <summary>Begins like a form and never ends, in pieces whose number nobody told.</summary>
    private sealed class Chunked : HttpContent
    {
        private readonly byte[] _beginning;

        public Chunked(byte[] beginning)
        {
            _beginning = beginning;
            Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(_beginning);
            byte[] piece = new byte[1024];
            Array.Fill(piece, (byte)'a');
            for (int number = 0; number < 40; number++)
            {
                await stream.WriteAsync(piece);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
