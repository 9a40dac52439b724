namespace MailOperator.Backends;

/// <summary>Who this operator is at a mail system that several clusters may share.</summary>
internal sealed class OperatorIdentity
{
    private string? _instance;

    /// <summary>Part of every slot's owner; known once the caches are filled.</summary>
    public string Instance
    {
        get => _instance ?? throw new InvalidOperationException("The instance is not known yet.");
        set => _instance = value;
    }
}
