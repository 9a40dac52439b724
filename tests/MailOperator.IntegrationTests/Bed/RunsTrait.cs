namespace MailOperator.IntegrationTests.Bed;

/// <summary>In which of its runs <c>tests/run.sh</c> has a test.</summary>
internal static class RunsTrait
{
    public const string Name = "runs";

    /// <summary>It measures: nothing else runs on the machine meanwhile.</summary>
    public const string Alone = "alone";

    /// <summary>It looks back over what the others did, in every run.</summary>
    public const string Last = "last";
}
