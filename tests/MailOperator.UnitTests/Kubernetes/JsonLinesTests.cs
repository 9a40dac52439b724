using System.Text;
using System.Text.Json;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Kubernetes;

public sealed class JsonLinesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)] // every value is split at every byte
    [InlineData(7)]
    [InlineData(1 << 20)]
    public async Task Read_AnySplit_IsEveryValueInOrder(int bytesAtOnce)
    {
        string large = new('x', 100_000);

        Assert.Equal(
            ["""{"a":"ä"}""", "{}", $$"""{"b":"{{large}}"}""", "1"],
            await ReadAsync($"{{\"a\":\"ä\"}}\n\n{{}}\r\n{{\"b\":\"{large}\"}}\n1\n", bytesAtOnce));
    }

    [Fact]
    public async Task Read_LastLineWithoutItsEnd_IsAValueOrAnError()
    {
        Assert.Equal(["{}", "2"], await ReadAsync("{}\n2", 3));
        await Assert.ThrowsAnyAsync<JsonException>(() => ReadAsync("{}\n{\"a\":", 3));
        Assert.Empty(await ReadAsync("", 3));
    }

    private static async Task<List<string>> ReadAsync(string text, int bytesAtOnce)
    {
        var values = new List<string>();
        await using var stream = new Slow(Encoding.UTF8.GetBytes(text), bytesAtOnce);
        await foreach (JsonElement value in JsonLines.ReadAsync(stream, Token))
        {
            values.Add(value.GetRawText());
        }

        return values;
    }

    private sealed class Slow(byte[] bytes, int atOnce) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, atOnce)], cancellationToken);
    }
}
