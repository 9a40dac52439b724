using k8s;
using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Passwords;
using MailOperator.Portal.Claims;
using MailOperator.Portal.MailApps;
using MailOperator.Portal.Pages;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace MailOperator.Portal;

/// <summary>Puts the role <c>portal</c> together: what it is made of, and what a request passes through.</summary>
internal static class PortalComposition
{
    /// <summary>Longest body of any request, in bytes: a form has some hundred, Outlook's question some hundred more.</summary>
    public const int MaxBodyLength = 16 * 1024;

    public static void AddPortal(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<PortalOptions>().Bind(configuration).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PortalOptions>, PortalOptionsValidator>();
        services.AddSingleton<IValidateOptions<PortalOptions>, PortalOptionsSense>();
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<PortalOptions>>().Value);
        services.Configure<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyLength;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        });
        services.AddRateLimiter(static _ => { });

        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(static _ => new Random());
        services.AddSingleton<RuntimeMetrics>();
        services.AddSingleton<PortalMetrics>();
        services.AddSingleton(static _ => KubernetesClientConfiguration.BuildDefaultConfig());
        services.AddSingleton(static provider => new k8s.Kubernetes(provider.GetRequiredService<KubernetesClientConfiguration>()));
        services.AddSingleton<KubernetesApi>();
        services.AddSingleton<InformerOptions>();
        services.AddSingleton(static provider => ActivatorUtilities.CreateInstance<Informer<DeviceInvitation>>(
            provider, ApiGroup.DeviceInvitations, Selection.Everything));
        services.AddSingleton(static provider => new InvitationIndex(provider.GetRequiredService<Informer<DeviceInvitation>>()));
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<Informer<DeviceInvitation>>());

        services.AddSingleton(static _ => new PasswordHasher(Environment.ProcessorCount));
        services.AddSingleton<ObjectWriter>();
        services.AddSingleton<IClaimWriter, ClaimWriter>();
        services.AddSingleton<Claiming>();
        services.AddSingleton<Assets>();
        services.AddSingleton(static provider => new ProfileSigner(
            provider.GetRequiredService<PortalOptions>().ProfileCertificateFile, provider.GetRequiredService<PortalOptions>().ProfileKeyFile));
        services.AddSingleton<PortalServices>();
    }

    public static void UsePortal(this WebApplication app)
    {
        var portal = app.Services.GetRequiredService<PortalServices>();
        PortalOptions options = portal.Options;
        UseManagement(app, PortalOptions.PortOf(options.ManagementUrl));

        if (options.Proxies() is { Count: > 0 } proxies)
        {
            var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = null };
            forwarded.KnownIPNetworks.Clear();
            forwarded.KnownProxies.Clear();
            foreach (System.Net.IPNetwork proxy in proxies)
            {
                forwarded.KnownIPNetworks.Add(proxy);
            }

            app.UseForwardedHeaders(forwarded);
        }

        // Mail apps ask at the root of the host, whatever path the pages have; and a page's path may be how theirs begins.
        app.UseWhen(static context => !MailAppEndpoints.IsAsked(context.Request.Path), pages => pages.UsePathBase(options.PathBase));
        app.Use((context, next) => PortalHeaders.SetAsync(context, options, next));
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = static problem => (problem as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError,
            SuppressDiagnosticsCallback = static failed => failed.Exception is BadHttpRequestException, // the sender's fault, and no news
            ExceptionHandler = async context =>
            {
                await PortalHeaders.SetAsync(context, options, static _ => Task.CompletedTask); // an exception clears them
                int status = context.Response.StatusCode;
                await portal.Page(context, status < StatusCodes.Status500InternalServerError ? ClaimPages.BadForm : ClaimPages.Failed, status).ExecuteAsync(context);
            },
        });
        UseAssets(app, portal);
        app.UseRateLimiter(new Microsoft.AspNetCore.RateLimiting.RateLimiterOptions
        {
            GlobalLimiter = PortalRateLimits.Create(options, portal.Index, portal.Clock),
            OnRejected = async (rejected, _) =>
            {
                portal.Metrics.Limited();
                rejected.HttpContext.Response.Headers.RetryAfter = "60";
                await portal.Page(rejected.HttpContext, ClaimPages.TooMany, StatusCodes.Status429TooManyRequests).ExecuteAsync(rejected.HttpContext);
            },
        });
        app.UseRouting();
        app.MapClaims();
        app.MapMailApps();
        app.MapFallback("{*path}", (HttpContext context) => portal.Unusable(context));
    }

    /// <summary>Probes and metrics, by the port that a request came in at: a Host header can be made up.</summary>
    private static void UseManagement(WebApplication app, int port)
    {
        var informer = app.Services.GetRequiredService<Informer<DeviceInvitation>>();
        app.MapWhen(context => context.Connection.LocalPort == port, management =>
        {
            management.UseRouting();
            management.UseEndpoints(endpoints =>
            {
                endpoints.MapGet("/healthz", static () => Results.Text("ok"));
                endpoints.MapGet("/readyz", () => informer.HasSynced
                    ? Results.Text("ok")
                    : Results.Text("the invitations are not listed yet", statusCode: StatusCodes.Status503ServiceUnavailable));
                Prometheus.MetricServerMiddlewareExtensions.MapMetrics(endpoints);
            });
        });
    }

    private static void UseAssets(WebApplication app, PortalServices portal) => app.Use(async (context, next) =>
    {
        if (portal.Assets.Find(context.Request.Path.Value?.TrimStart('/') ?? "") is not { } asset)
        {
            await next(context);
            return;
        }

        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        await Results.Bytes(asset.Content, asset.ContentType).ExecuteAsync(context);
    });
}
