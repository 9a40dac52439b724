using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using MailOperator.Api;
using static MailOperator.UnitTests.Portal.Links;

namespace MailOperator.UnitTests.Portal;

/// <summary>Requests that no invited person's browser sends: forged cookies, and endless or slow bodies.</summary>
public sealed class PortalAbuseTests : PortalHttpTest
{
    [Fact]
    public async Task Cookie_AlteredOrOfAnotherClaimOrOfAnotherLink_OpensNothing()
    {
        string claim = await ClaimAsync(Token, "mine");
        string othersLink = NewText();
        string others = await ClaimAsync(othersLink, "others");
        Rig.Put(Claimed(Token, claim.Split('.')[0]));
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
            using PortalRig.Visitor forger = Rig.NewVisitor();
            forger.Set("claim", Token, cookie);
            foreach (string path in (string[])[Link, $"{Link}/state", $"{Link}/mail.mobileconfig"])
            {
                using HttpResponseMessage answer = await forger.GetAsync(path);
                Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            }
        }

        using PortalRig.Visitor owner = Rig.NewVisitor();
        owner.Set("claim", Token, claim);
        using HttpResponseMessage shown = await owner.GetAsync(Link);
        Assert.Equal(HttpStatusCode.OK, shown.StatusCode); // the unchanged cookie works
    }

    [Fact]
    public async Task Cookie_Forged_LeavesAnOpenLinkOpen()
    {
        Visitor.Set("claim", Token, $"{new string('0', 64)}.{NewText()}");

        Assert.NotEmpty(await Visitor.SignatureAsync(Link));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA")] // half the length
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!")]
    public async Task Nonce_NotOurs_IsReplaced_AndSpendsNothing(string nonce)
    {
        // Mutant: any nonce is accepted. A password would be derived from a nonce that anybody can guess.
        string signature = await Visitor.SignatureAsync(Link);
        string ours = Visitor.Cookie("nonce", Token)!;
        Visitor.Set("nonce", Token, nonce);
        using HttpResponseMessage refused = await Visitor.PostAsync(Link, ("signature", signature));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Empty(Rig.Api.Requests);

        Assert.NotEqual(signature, await Visitor.SignatureAsync(Link));
        Assert.Equal(ours.Length, Visitor.Cookie("nonce", Token)!.Length);
    }

    [Fact]
    public async Task Body_WithoutALengthAndTooLarge_IsRefused()
    {
        using var endless = new Chunked(await FormAsync());
        using HttpResponseMessage answer = await Visitor.SendAsync(
            HttpMethod.Post, Link, endless, ("Transfer-Encoding", "chunked"));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Empty(Rig.Api.Requests);
    }

    [Fact(Timeout = 30_000)] // a mutant without a limit would wait forever
    public async Task Body_TooSlow_IsRefused()
    {
        string form = Encoding.ASCII.GetString(await FormAsync());
        using var socket = new TcpClient();
        await socket.ConnectAsync(Rig.Address.Host, Rig.Address.Port, TestContext.Current.CancellationToken);
        await using NetworkStream stream = socket.GetStream();
        string cookies = string.Join("; ", Visitor.Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}"));
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST {Link} HTTP/1.1\r\nHost: devices.example.com\r\nCookie: {cookies}\r\nContent-Type: "
                + $"application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n{form}"),
            TestContext.Current.CancellationToken);

        using var answer = new StreamReader(stream); // the rest of the body is never sent
        Assert.StartsWith(
            "HTTP/1.1 408 ", await answer.ReadLineAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
        Assert.Empty(Rig.Api.Requests);
    }

    private async Task<byte[]> FormAsync() =>
        Encoding.ASCII.GetBytes($"signature={Uri.EscapeDataString(await Visitor.SignatureAsync(Link))}&x=");

    /// <summary>Claims the link in a new browser, and returns its cookie.</summary>
    private async Task<string> ClaimAsync(string token, string name)
    {
        Rig.Put(Invitation(token, name));
        Rig.Api.Answer(HttpStatusCode.OK);
        using PortalRig.Visitor person = Rig.NewVisitor();
        using HttpResponseMessage claimed = await person.ClaimAsync($"/i/{token}");
        return person.Cookie("claim", token)!;
    }

    private static DeviceInvitation Claimed(string token, string claim) =>
        Invitation(token, "mine", status => Claim(status, claim, Is(ConditionTypes.Claimed, "True", Reasons.Claimed)));

    /// <summary>A chunked body that begins like a form and never ends.</summary>
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
