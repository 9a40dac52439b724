namespace MailOperator.Integrity;

/// <summary>Registers the digest that proves who wrote a Secret.</summary>
internal static class IntegrityModule
{
    public static IServiceCollection AddIntegrity(this IServiceCollection services) =>
        services.AddSingleton<CredentialDigestSource>();
}
