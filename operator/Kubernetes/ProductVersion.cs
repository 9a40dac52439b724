namespace MailOperator.Kubernetes;

/// <summary>The version of this build for user agents and logs.</summary>
internal static class ProductVersion
{
    public static readonly string Value =
        typeof(ProductVersion).Assembly.GetName().Version is { } version ? version.ToString(3) : "0.0.0";
}
