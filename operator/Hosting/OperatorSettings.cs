using MailOperator.DeviceInvitations;
using MailOperator.Kubernetes;
using MailOperator.MailDevices;
using Microsoft.Extensions.Options;

namespace MailOperator.Hosting;

/// <summary>Reads the settings of the role <c>operator</c> and registers the options of each module.</summary>
internal static class OperatorSettings
{
    private static readonly TimeSpan MaxStopTime = OperatorRuntime.GracePeriod + TimeSpan.FromSeconds(8);

    public static void AddOperatorSettings(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<OperatorOptions>().Bind(configuration).ValidateOnStart();
        services.AddSingleton<IValidateOptions<OperatorOptions>, OperatorOptionsValidator>();
        services.AddSingleton<IValidateOptions<OperatorOptions>, ListenUrlValidator>();
        services.AddSingleton<IValidateOptions<OperatorOptions>, LeaderElectionValidator>();
        services.AddSingleton<IValidateOptions<OperatorOptions>, InvitationUrlValidator>();
        services.AddSingleton<IValidateOptions<OperatorOptions>, SmtpValidator>();
        services.AddSingleton(static provider => provider.GetRequiredService<IOptions<OperatorOptions>>().Value);
        services.Configure<HostOptions>(static host => host.ShutdownTimeout = MaxStopTime);

        services.AddFrom(static options => new ControllerOptions
        {
            Workers = options.Workers,
            ReconcileTimeout = options.ReconcileTimeout,
            ResyncInterval = options.ResyncInterval,
        });
        services.AddFrom(static options => new InformerOptions { RelistInterval = options.ResyncInterval });
        services.AddFrom(
            static options => new MailDeviceOptions { UncommittedSlotGrace = options.UncommittedSlotGrace });
        services.AddFrom(static options => new InvitationOptions
        {
            Portal = options.InvitationUrl,
            Relay = options.Smtp.ToRelay(),
        });
    }

    private static void AddFrom<T>(this IServiceCollection services, Func<OperatorOptions, T> choose)
        where T : class =>
        services.AddSingleton(provider => choose(provider.GetRequiredService<OperatorOptions>()));
}
