using System.Text;
using System.Text.Json;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Kubernetes;

/// <summary>A list that is read object by object, and what is kept of an object's metadata.</summary>
public sealed class ListReaderTests
{
    private const string List = """
        {"kind":"List","metadata":{"resourceVersion":"7","continue":"next"},
         "items":[{"a":{"b":[1,2,"]}"]}},7,null,"text",{"c":{}}],"more":{"items":[1]}}
        """;

    private static readonly string[] Items = ["""{"a":{"b":[1,2,"]}"]}}""", "7", "null", "\"text\"", """{"c":{}}"""];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Read_InPiecesOfAnyLength_TakesEachObjectOnce(int piece)
    {
        // Mutant: what is incomplete is dropped, or taken twice.
        var taken = new List<string>();

        ListPosition position = await ReadAsync(List, taken, piece);

        Assert.Equal(Items, taken);
        Assert.Equal(("7", "next", (long)List.Length), (position.ResourceVersion, position.Continue, position.Length));
    }

    [Theory]
    [InlineData("""{"metadata":{"resourceVersion":"7"},"items":[{"a":1}""")]
    [InlineData("""{"metadata":{"resourceVersion":"7"},"items":{}}""")]
    [InlineData("""{"items":[]}""")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task Read_WhatIsNoWholeList_Fails(string text) =>
        // Mutant: a list that broke off counts as whole, and every object after that as deleted.
        await Assert.ThrowsAnyAsync<JsonException>(() => ReadAsync(text, [], piece: 5));

    [Fact]
    public async Task Read_EmptyListOfAGoServer_IsEmpty()
    {
        var taken = new List<string>();

        await ReadAsync("""{"items":null,"metadata":{"resourceVersion":"7"}}""", taken, piece: 4);

        Assert.Empty(taken);
    }

    [Fact]
    public void Metadata_OfOthers_IsKeptAsADigestThatChangesWithIt()
    {
        // Mutants: keeps everything; keeps nothing, so that a changed annotation of a Secret is never put right.
        string large = new('x', 240_000);
        var one = Read(large, "a");
        var other = Read(large, "b");

        Assert.Equal("token", one["mailoperator.io/rotate"]);
        Assert.True(one.Sum(static pair => pair.Key.Length + pair.Value.Length) < 1000);
        Assert.NotEqual(one[ApiMetadata.Others], other[ApiMetadata.Others]);
        Assert.Equal(one[ApiMetadata.Others], Read(large, "a")[ApiMetadata.Others]);
    }

    private static IDictionary<string, string> Read(string large, string small)
    {
        using var document = JsonDocument.Parse($$"""
            {"name":"a","annotations":{"tenant/large":"{{large}}","tenant/small":"{{small}}",
             "mailoperator.io/rotate":"token","mailoperator.io/large":"{{large}}"},
             "managedFields":[{"manager":"{{large}}"}]}
            """);
        return ApiMetadata.Read(document.RootElement)!.Annotations;
    }

    private static async Task<ListPosition> ReadAsync(string text, List<string> taken, int piece)
    {
        await using var body = new Pieces(Encoding.UTF8.GetBytes(text), piece);
        return await new ListReader(item => taken.Add(item.GetRawText())).ReadAsync(
            body, TestContext.Current.CancellationToken);
    }

    private sealed class Pieces(byte[] content, int piece) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
