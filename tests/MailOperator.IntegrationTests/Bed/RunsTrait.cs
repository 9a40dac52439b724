namespace MailOperator.IntegrationTests.Bed;

/// <summary>The run of <c>tests/run.sh</c> in which a test runs.</summary>
internal static class RunsTrait
{
    public const string Name = "runs";

    /// <summary>Runs alone on the machine, because it measures times or fills the API servers.</summary>
    public const string Alone = "alone";

    /// <summary>Runs in every run, and checks what the other tests did.</summary>
    public const string Last = "last";
}
