using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace MailOperator.UnitTests.Kubernetes.Hostile;

/// <summary>Lets an answer under way go wrong.</summary>
internal static class FaultyStream
{
    public static async Task FailAsync(HttpContext context, Fault fault, CancellationToken ended)
    {
        switch (fault)
        {
            case Fault.Reset:
                Reset(context);
                break;
            case Fault.GoneEvent:
                // The library's own watch goes on after an ERROR event: so does this stream.
                await context.Response.WriteAsync(HostileVerbs.Line(
                    "ERROR", JsonNode.Parse(HostileVerbs.Status(HttpStatusCode.Gone, "Expired", "too old"))!), ended);
                await context.Response.Body.FlushAsync(ended);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ended);
                break;
            case Fault.BrokenLine:
                await context.Response.WriteAsync("{\"type\":\"MODIFIED\",\"object\":{\"meta", ended);
                break;
            case Fault.ForeignLine:
                await context.Response.WriteAsync("{\"message\":\"upstream request timeout\"}\n", ended);
                break;
            default:
                break;
        }
    }

    // Closing without lingering sends RST.
    public static void Reset(HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>() is { } connection)
        {
            connection.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        context.Abort();
    }
}
