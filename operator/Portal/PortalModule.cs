using MailOperator.Api;
using MailOperator.Kubernetes;
using MailOperator.Passwords;
using MailOperator.Portal.Claims;
using MailOperator.Portal.MailApps;
using MailOperator.Portal.Pages;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace MailOperator.Portal;

/// <summary>The role <c>portal</c>: its services, and the pipeline that a request passes through.</summary>
internal static class PortalModule
{
    /// <summary>Maximum size of a request body, in bytes. Forms and Autodiscover requests have some hundred.</summary>
    public const int MaxBodyLength = 16 * 1024;

    private const int MaxHeadersLength = 16 * 1024;
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);

    public static void AddPortal(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<PortalOptions>().Bind(configuration).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PortalOptions>, PortalOptionsValidator>();
        services.AddSingleton<IValidateOptions<PortalOptions>, PortalOptionsRules>();
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<PortalOptions>>().Value);
        services.Configure<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyLength;
            kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeadersLength;
            kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
        });
        services.AddOptions<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>().Configure<PortalOptions>(
            static (kestrel, options) => kestrel.ConfigureEndpointDefaults(listen =>
                listen.Protocols = options.Http2
                    && listen.IPEndPoint?.Port != ListenAddress.PortOf(options.ManagementUrl)
                    ? Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http2
                    : Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1));
        services.AddRateLimiter(static _ => { });

        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<RuntimeMetrics>();
        services.AddSingleton<PortalMetrics>();
        services.AddInvitations();

        services.AddSingleton(static _ => new PasswordHasher(Environment.ProcessorCount));
        services.AddSingleton<ObjectWriter>();
        services.AddSingleton<IClaimWriter, ClaimWriter>();
        services.AddSingleton<Claiming>();
        services.AddSingleton<Assets>();
        services.AddSingleton(static provider =>
        {
            PortalOptions options = provider.GetRequiredService<PortalOptions>();
            return new ProfileSigner(options.ProfileCertificateFile, options.ProfileKeyFile);
        });
        services.AddSingleton<LinkReader>();
        services.AddSingleton<PortalAnswers>();
        services.AddSingleton<ClaimEndpoints>();
        services.AddSingleton<MailAppEndpoints>();
    }

    public static void UsePortal(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<PortalOptions>();
        var answers = app.Services.GetRequiredService<PortalAnswers>();
        app.UseManagement(ListenAddress.PortOf(options.ManagementUrl));
        app.UseTrustedProxies(options.Proxies());

        // Mail apps ask at the root of the host, whatever path the pages have. That path may even begin like theirs.
        app.UseWhen(
            static context => !MailAppEndpoints.IsPath(context.Request.Path),
            pages => pages.UsePathBase(options.PathBase));
        app.Use((context, next) => PortalHeaders.SetAsync(context, options, next));
        app.UseErrorPages(options, answers);
        app.UseAssets();
        app.UseRateLimits(options, answers);
        app.UseRouting();
        app.Services.GetRequiredService<ClaimEndpoints>().Map(app);
        app.Services.GetRequiredService<MailAppEndpoints>().Map(app);
        app.MapFallback("{*path}", (HttpContext context) => answers.Unusable(context));
    }

    private static void AddInvitations(this IServiceCollection services)
    {
        services.AddSingleton(Jitter.Source);
        services.AddClusterAccess();
        services.AddSingleton<KubernetesApi>();
        services.AddSingleton<InformerOptions>();
        services.AddSingleton(static provider => ActivatorUtilities.CreateInstance<Informer<DeviceInvitation>>(
            provider, ApiGroup.DeviceInvitations, Selection.Everything));
        services.AddHostedService(static provider => provider.GetRequiredService<Informer<DeviceInvitation>>());
        services.AddSingleton(static provider =>
            new InvitationIndex(provider.GetRequiredService<Informer<DeviceInvitation>>()));
    }

    /// <summary>Serves probes and metrics by the local port, because anybody can make up a Host header.</summary>
    private static void UseManagement(this WebApplication app, int port)
    {
        var informer = app.Services.GetRequiredService<Informer<DeviceInvitation>>();
        var metrics = app.Services.GetRequiredService<RuntimeMetrics>();
        metrics.Observe(informer);
        Prometheus.CollectorRegistry registry = metrics.Registry;
        app.MapWhen(context => context.Connection.LocalPort == port, management =>
        {
            management.UseRouting();
            management.UseEndpoints(endpoints =>
            {
                endpoints.MapGet("/healthz", static () => Results.Text("ok"));
                endpoints.MapGet("/readyz", () => informer.HasSynced
                    ? Results.Text("ok")
                    : Results.Text(
                        "the invitations are not listed yet", statusCode: StatusCodes.Status503ServiceUnavailable));
                Prometheus.MetricServerMiddlewareExtensions.MapMetrics(endpoints, registry: registry);
            });
        });
    }

    private static void UseTrustedProxies(this WebApplication app, IReadOnlyList<System.Net.IPNetwork> proxies)
    {
        if (proxies.Count == 0)
        {
            return;
        }

        var forwarded = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor,
            ForwardLimit = null,
        };
        forwarded.KnownIPNetworks.Clear();
        forwarded.KnownProxies.Clear();
        foreach (System.Net.IPNetwork proxy in proxies)
        {
            forwarded.KnownIPNetworks.Add(proxy);
        }

        app.UseForwardedHeaders(forwarded);
    }

    private static void UseErrorPages(this WebApplication app, PortalOptions options, PortalAnswers answers) =>
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = static problem =>
                (problem as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError,
            // The sender's fault: not worth a line in the log.
            SuppressDiagnosticsCallback = static failed => failed.Exception is BadHttpRequestException,
            ExceptionHandler = async context =>
            {
                await PortalHeaders.SetAsync(context, options, static _ => Task.CompletedTask); // they were cleared
                int status = context.Response.StatusCode;
                Func<PageFrame, string> page =
                    status < StatusCodes.Status500InternalServerError ? ClaimPages.BadForm : ClaimPages.Failed;
                await answers.Page(context, page, status).ExecuteAsync(context);
            },
        });

    private static void UseAssets(this WebApplication app)
    {
        var assets = app.Services.GetRequiredService<Assets>();
        app.Use(async (context, next) =>
        {
            if (assets.Find(context.Request.Path.Value?.TrimStart('/') ?? "") is not { } asset)
            {
                await next(context);
                return;
            }

            context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
            await Results.Bytes(asset.Content, asset.ContentType).ExecuteAsync(context);
        });
    }

    private static void UseRateLimits(this WebApplication app, PortalOptions options, PortalAnswers answers)
    {
        var index = app.Services.GetRequiredService<InvitationIndex>();
        var clock = app.Services.GetRequiredService<TimeProvider>();
        var metrics = app.Services.GetRequiredService<PortalMetrics>();
        app.UseRateLimiter(new RateLimiterOptions
        {
            GlobalLimiter = PortalRateLimits.Create(options, index, clock),
            OnRejected = async (rejected, _) =>
            {
                metrics.Limited();
                HttpContext context = rejected.HttpContext;
                context.Response.Headers.RetryAfter = $"{PortalRateLimits.Window.TotalSeconds:0}";
                await answers.Page(context, ClaimPages.TooMany, StatusCodes.Status429TooManyRequests)
                    .ExecuteAsync(context);
            },
        });
    }
}
