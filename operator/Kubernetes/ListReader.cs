using System.Buffers;
using System.Text.Json;

namespace MailOperator.Kubernetes;

/// <summary>
/// Reads a page of a list object by object, so that it needs the memory of the largest object and not that of the page:
/// what a tenant writes into objects may be a thousand times what the operator needs of them.
/// </summary>
internal sealed class ListReader(Action<JsonElement> each)
{
    private const int FirstBuffer = 64 * 1024;

    private enum Place
    {
        Start,
        Members,
        Items,
        End,
    }

    private Place _place;
    private JsonReaderState _state;
    private ListPosition? _position;
    private long _length;

    /// <summary>Reads to the end.</summary>
    /// <exception cref="JsonException">It is not a list, or it ends before its end.</exception>
    public async Task<ListPosition> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
        try
        {
            int length = 0;
            _length = 0;
            bool isEnd = false;
            while (!isEnd)
            {
                if (length == buffer.Length)
                {
                    buffer = Larger(buffer, length);
                }

                int read = await body.ReadAsync(buffer.AsMemory(length), cancellationToken);
                isEnd = read == 0;
                length += read;
                _length += read;
                // What is incomplete is read again with what follows it, so wait until there is much more of it.
                if (isEnd || length == buffer.Length || length <= FirstBuffer)
                {
                    int used = Consume(buffer.AsMemory(0, length), isEnd);
                    length -= used;
                    buffer.AsSpan(used, length).CopyTo(buffer);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return _place == Place.End && _position is { } position
            ? position with { Length = _length }
            : throw new JsonException("The answer is not a list.");
    }

    private static byte[] Larger(byte[] buffer, int length)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    /// <summary>Takes what is complete; returns how many bytes that was.</summary>
    private int Consume(ReadOnlyMemory<byte> data, bool isEnd)
    {
        var reader = new Utf8JsonReader(data.Span, isEnd, _state);
        Utf8JsonReader taken = reader;
        while (reader.Read() && TakeToken(ref reader, data))
        {
            taken = reader;
        }

        _state = taken.CurrentState;
        return (int)taken.BytesConsumed;
    }

    /// <summary>False if the value is not complete yet.</summary>
    private bool TakeToken(ref Utf8JsonReader reader, ReadOnlyMemory<byte> data)
    {
        switch (_place, reader.TokenType)
        {
            case (Place.Start, JsonTokenType.StartObject):
                _place = Place.Members;
                return true;
            case (Place.Members, JsonTokenType.EndObject):
                _place = Place.End;
                return true;
            case (Place.Members, JsonTokenType.PropertyName):
                return TakeMember(ref reader, data);
            case (Place.Items, JsonTokenType.EndArray):
                _place = Place.Members;
                return true;
            case (Place.Items, _):
                return TryValue(ref reader, data, each);
            default:
                throw new JsonException("The answer is not a list.");
        }
    }

    private bool TakeMember(ref Utf8JsonReader reader, ReadOnlyMemory<byte> data)
    {
        bool isItems = reader.ValueTextEquals("items"u8);
        bool isMetadata = reader.ValueTextEquals("metadata"u8);
        if (!isItems && !isMetadata)
        {
            return reader.TrySkip();
        }

        if (!reader.Read())
        {
            return false;
        }

        if (isMetadata)
        {
            return TryValue(ref reader, data, metadata => _position = PositionIn(metadata));
        }

        // An empty list of a Go server is null.
        _place = reader.TokenType switch
        {
            JsonTokenType.StartArray => Place.Items,
            JsonTokenType.Null => Place.Members,
            _ => throw new JsonException("The items are not a list."),
        };
        return true;
    }

    private static bool TryValue(ref Utf8JsonReader reader, ReadOnlyMemory<byte> data, Action<JsonElement> take)
    {
        int start = (int)reader.TokenStartIndex;
        if (!reader.TrySkip())
        {
            return false;
        }

        using var document = JsonDocument.Parse(data[start..(int)reader.BytesConsumed]);
        take(document.RootElement);
        return true;
    }

    private static ListPosition PositionIn(JsonElement metadata) => new(
        metadata.TryGetProperty("resourceVersion", out JsonElement version) ? version.GetString() ?? "" : "",
        metadata.TryGetProperty("continue", out JsonElement token) && token.GetString() is { Length: > 0 } more
            ? more
            : null);
}

/// <summary>Where a page of a list ends.</summary>
/// <param name="ResourceVersion">The version of the list.</param>
/// <param name="Continue">The token for the next page; null if this is the last one.</param>
internal sealed record ListPosition(string ResourceVersion, string? Continue)
{
    /// <summary>The size of the page, in bytes.</summary>
    public long Length { get; init; }
}
