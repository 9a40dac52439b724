using System.Text;
using System.Text.Json.Nodes;
using MailOperator.Kubernetes;

namespace MailOperator.UnitTests.Kubernetes;

public sealed class LeaseTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("a", 4, "2026-11-20T00:00:00.123456Z")]
    [InlineData("b", 5, "2026-11-24T12:00:00.000000Z")]
    public void Take_Lease_KeepsWhatOthersWrote(string identity, int transitions, string acquired)
    {
        // Mutants: write a new object, and so lose a label; count a renewal as a transition; acquire anew at a renewal.
        var lease = Lease.Parse(Encoding.UTF8.GetBytes("""
            {"metadata":{"name":"l","resourceVersion":"7","labels":{"team":"mail"}},"spec":{"holderIdentity":"a",
            "leaseDurationSeconds":15,"acquireTime":"2026-11-20T00:00:00.123456Z","leaseTransitions":4}}
            """));
        Assert.Equal(("7", "a", TimeSpan.FromSeconds(15)), (lease.ResourceVersion, lease.Holder, lease.Duration));

        lease.Take(identity, TimeSpan.FromSeconds(20), Now);

        JsonNode written = JsonNode.Parse(lease.ToBytes())!;
        Assert.Equal("mail", (string?)written["metadata"]!["labels"]!["team"]);
        Assert.Equal("7", (string?)written["metadata"]!["resourceVersion"]);
        Assert.Equal(
            (identity, 20, transitions, acquired, "2026-11-24T12:00:00.000000Z"),
            ((string)written["spec"]!["holderIdentity"]!, (int)written["spec"]!["leaseDurationSeconds"]!,
                (int)written["spec"]!["leaseTransitions"]!, (string)written["spec"]!["acquireTime"]!,
                (string)written["spec"]!["renewTime"]!));
    }

    [Fact]
    public void Parse_WithoutASpec_IsHeldByNobody()
    {
        var lease = Lease.Parse("{}"u8.ToArray());

        Assert.Equal((null, TimeSpan.Zero, ""), (lease.Holder, lease.Duration, lease.ResourceVersion));
    }
}
