namespace MailOperator.Kubernetes;

/// <summary>Counts requests to the API server as client-go does.</summary>
internal sealed class RequestMetrics(RuntimeMetrics metrics) : DelegatingHandler
{
    // As in client-go: no answer at all.
    private const string NoAnswer = "<error>";

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string code = NoAnswer;
        try
        {
            HttpResponseMessage response = await base.SendAsync(request, cancellationToken);
            code = ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
            return response;
        }
        finally
        {
            metrics.Requests.WithLabels(code, request.Method.Method, request.RequestUri?.Authority ?? "").Inc();
        }
    }
}
