using System.Net;
using System.Text.RegularExpressions;
using MailOperator.Api;
using MailOperator.DeviceInvitations;
using MailOperator.Kubernetes;
using MailOperator.Portal;
using MailOperator.Portal.Claims;
using MailOperator.Tests;
using MailOperator.UnitTests.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MailOperator.UnitTests.Portal;

/// <summary>
/// The portal's own module over real HTTP on loopback, with a fake clock, a scripted API server, and the invitations
/// that a test adds.
/// </summary>
internal sealed partial class PortalRig : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Dictionary<string, DeviceInvitation> _invitations = [];

    private PortalRig(WebApplication app, FakeApi api, FakeTimeProvider clock, InvitationIndex index)
    {
        _app = app;
        Api = api;
        Clock = clock;
        Index = index;
    }

    public FakeApi Api { get; }

    public FakeTimeProvider Clock { get; }

    public InvitationIndex Index { get; }

    /// <summary>What this portal shows at /metrics. Tests that run in parallel have others.</summary>
    public MetricsPage Metrics => MetricsPage.Read(_app.Services.GetRequiredService<RuntimeMetrics>());

    public Uri Address =>
        new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<PortalRig> StartAsync(params (string Name, string Value)[] settings)
    {
        var api = new FakeApi();
        var clock = new FakeTimeProvider(Links.Now);
        var index = new InvitationIndex();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(
            [
                KeyValuePair.Create("PublicUrl", (string?)"https://devices.example.com"),
                new("ManagementUrl", "http://127.0.0.1:1"),
                new("RequestsPerMinute", "1000000"),
            ]);
        builder.Configuration.AddInMemoryCollection(
            settings.Select(static setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        builder.Services.AddPortal(builder.Configuration);
        builder.Services.RemoveAll<IHostedService>();
        builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));
        builder.Services.Replace(ServiceDescriptor.Singleton(index));
        builder.Services.Replace(ServiceDescriptor.Singleton(api.Connect(clock)));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.UsePortal();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new PortalRig(app, api, clock, index);
    }

    /// <summary>Adds or changes an invitation as the informer does.</summary>
    public void Put(DeviceInvitation invitation)
    {
        string key = invitation.Key.ToString();
        Index.Follow(_invitations.GetValueOrDefault(key), invitation);
        _invitations[key] = invitation;
    }

    /// <summary>A browser with its own cookies. It does not follow redirects.</summary>
    public Visitor NewVisitor() => new(Address);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Api.Dispose();
    }

    /// <summary>
    /// A person's browser. It manages cookies itself, because they are marked Secure and loopback has no TLS.
    /// </summary>
    internal sealed partial class Visitor(Uri address) : IDisposable
    {
        private readonly HttpClient _http =
            new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = address };
        private readonly Dictionary<string, string> _cookies = [];

        public IReadOnlyDictionary<string, string> Cookies => _cookies;

        /// <summary>The browser's cookie of this kind for the link; null if there is none.</summary>
        public string? Cookie(string kind, string token) => _cookies.GetValueOrDefault(CookieName(kind, token));

        public void Set(string kind, string token, string value) => _cookies[CookieName(kind, token)] = value;

        /// <summary>Removes a cookie, as if the answer with it had been lost.</summary>
        public void Lose(string kind, string token) => Assert.True(_cookies.Remove(CookieName(kind, token)));

        private static string CookieName(string kind, string token) => $"__Host-{kind}-{LinkUrl.HashOf(token)[..16]}";

        public async Task<HttpResponseMessage> SendAsync(
            HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(method, path) { Content = content };
            request.Headers.Host = headers.FirstOrDefault(static header => header.Name == "Host").Value
                ?? "devices.example.com";
            if (_cookies.Count > 0)
            {
                request.Headers.Add(
                    "Cookie", string.Join("; ", _cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
            }

            foreach ((string name, string value) in headers.Where(static header => header.Name != "Host"))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            HttpResponseMessage response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
            foreach (string cookie in response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? set)
                ? set
                : [])
            {
                string[] pair = cookie.Split(';')[0].Split('=', 2);
                if (pair[1].Length > 0)
                {
                    _cookies[pair[0]] = pair[1];
                }
                else
                {
                    _cookies.Remove(pair[0]);
                }
            }

            return response;
        }

        public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

        /// <summary>Opens the link and reads the form's signature.</summary>
        public async Task<string> SignatureAsync(string path)
        {
            using HttpResponseMessage page = await GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            return Signature().Match(
                await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Groups[1].Value;
        }

        public Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields) =>
            SendAsync(
                HttpMethod.Post, path,
                new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));

        /// <summary>Opens the link and sends the form.</summary>
        public async Task<HttpResponseMessage> ClaimAsync(string path) =>
            await PostAsync(path, ("signature", await SignatureAsync(path)));

        public void Dispose() => _http.Dispose();

        [GeneratedRegex("name=\"signature\" value=\"([^\"]+)\"")]
        private static partial Regex Signature();
    }
}
