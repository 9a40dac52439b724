namespace MailOperator.MailServers;

/// <summary>Registers the ways to mail servers: doveadm, and logins as a mail app makes them.</summary>
internal static class MailServersModule
{
    public static IServiceCollection AddMailServers(this IServiceCollection services) => services
        .AddSingleton<IMailServers, DoveadmServers>()
        .AddSingleton<IMailLogins, MailKitLogins>();
}
