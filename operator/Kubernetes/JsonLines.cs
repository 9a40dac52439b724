using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace MailOperator.Kubernetes;

/// <summary>Reads a stream of JSON values, one in each line, without making text of it first.</summary>
internal static class JsonLines
{
    private static readonly StreamPipeReaderOptions Options = new(bufferSize: 16 * 1024, leaveOpen: true);

    /// <summary>The values until the stream ends. Each lives until the next one.</summary>
    /// <exception cref="JsonException">A line is not JSON.</exception>
    public static async IAsyncEnumerable<JsonElement> ReadAsync(
        Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(stream, Options);
        try
        {
            bool isEnd = false;
            while (!isEnd)
            {
                ReadResult result = await reader.ReadAsync(cancellationToken);
                isEnd = result.IsCompleted;
                ReadOnlySequence<byte> rest = result.Buffer;
                while (TryTakeLine(ref rest, isEnd, out ReadOnlySequence<byte> line))
                {
                    if (!line.IsEmpty)
                    {
                        using var document = JsonDocument.Parse(line);
                        yield return document.RootElement;
                    }
                }

                reader.AdvanceTo(rest.Start, rest.End);
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }

    private static bool TryTakeLine(
        ref ReadOnlySequence<byte> rest, bool isEnd, out ReadOnlySequence<byte> line)
    {
        if (rest.PositionOf((byte)'\n') is { } newline)
        {
            line = rest.Slice(0, newline);
            rest = rest.Slice(rest.GetPosition(1, newline));
            return true;
        }

        line = rest;
        rest = isEnd ? rest.Slice(rest.End) : rest;
        return isEnd && !line.IsEmpty;
    }
}
