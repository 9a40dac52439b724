namespace MailOperator.Backends.Infomaniak;

/// <summary>Requests that one call has reserved; it waits for each one beyond them.</summary>
internal sealed class RequestAllowance(RequestLimit limit, int requests)
{
    private int _left = requests;

    public Task SpendAsync(CancellationToken cancellationToken) =>
        _left-- > 0 ? Task.CompletedTask : limit.TakeAsync(cancellationToken);
}
