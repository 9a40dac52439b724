namespace MailOperator.MailServers;

/// <summary>Registers the connections to mail servers: doveadm, and logins like a mail client.</summary>
internal static class MailServersModule
{
    public static IServiceCollection AddMailServers(this IServiceCollection services) => services
        .AddSingleton<IMailServers, DoveadmServers>()
        .AddSingleton<IMailLogins, MailKitLogins>();
}
