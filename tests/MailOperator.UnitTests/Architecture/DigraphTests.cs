namespace MailOperator.UnitTests.Architecture;

public sealed class DigraphTests
{
    [Theory]
    [InlineData("a>b b>c a>c", "")]
    [InlineData("a>b b>a b>c", "a-b")]
    [InlineData("a>b b>c c>d d>a c>b", "b-c a-b-c-d")]
    [InlineData("b>c c>a a>b x>a", "a-b-c")]
    [InlineData("a>b b>a c>d d>c", "a-b c-d")]
    public void Cycles_OfAGraph_AreFoundOnceEach(string edges, string cycles) =>
        Assert.Equal(cycles, string.Join(' ', Graph(edges).Cycles().Select(static cycle => string.Join('-', cycle))));

    [Theory]
    [InlineData("a>b b>c a>c", "a>b b>c")]
    [InlineData("a>b b>c c>d a>d a>c", "a>b b>c c>d")]
    [InlineData("a>b a>c b>d c>d", "a>b a>c b>d c>d")]
    [InlineData("a>b b>a b>c a>c", "a>b a>c b>a b>c")]
    public void Reduced_OfAGraph_KeepsEdgesWithoutALongerPath(string edges, string reduced) =>
        Assert.Equal(reduced.Split(' '), Graph(edges).Reduced().Edges.Select(static one => $"{one.From}>{one.To}"));

    private static Digraph Graph(string edges) =>
        new([], edges.Split(' ').Select(static edge => (edge[..1], edge[2..])));
}
