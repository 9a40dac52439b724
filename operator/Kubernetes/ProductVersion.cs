namespace MailOperator.Kubernetes;

/// <summary>The version of this build, as clients and logs name it.</summary>
internal static class ProductVersion
{
    public static readonly string Value =
        typeof(ProductVersion).Assembly.GetName().Version is { } version ? version.ToString(3) : "0.0.0";
}
