namespace MailOperator.Integrity;

/// <summary>Registers what proves that a Secret is the operator's own.</summary>
internal static class IntegrityModule
{
    public static IServiceCollection AddIntegrity(this IServiceCollection services) =>
        services.AddSingleton<CredentialDigestSource>();
}
