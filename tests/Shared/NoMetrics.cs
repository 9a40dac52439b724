using MailOperator.Backends;
using MailOperator.Kubernetes;

namespace MailOperator.Tests;

/// <summary>Metrics of tests that do not look at them.</summary>
internal static class NoMetrics
{
    public static BackendMetrics OfBackends => new(new RuntimeMetrics());
}
