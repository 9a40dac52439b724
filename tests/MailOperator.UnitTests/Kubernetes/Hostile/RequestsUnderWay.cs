namespace MailOperator.UnitTests.Kubernetes.Hostile;

/// <summary>
/// Counts a client's requests that have no answer yet, so that a fake clock can stand still for them.
/// </summary>
internal sealed class RequestsUnderWay : DelegatingHandler
{
    private int _count;

    public int Count => Volatile.Read(ref _count);

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _count);
        try
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            if (!request.RequestUri!.Query.Contains("watch=1", StringComparison.Ordinal))
            {
                await response.Content.LoadIntoBufferAsync(cancellationToken);
            }

            return response;
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
