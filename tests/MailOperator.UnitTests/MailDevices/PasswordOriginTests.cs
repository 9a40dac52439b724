using MailOperator.MailDevices.Secrets;

namespace MailOperator.UnitTests.MailDevices;

public sealed class PasswordOriginTests
{
    [Fact]
    public void Parse_WrittenAnnotations_ReturnsTheOrigin()
    {
        PasswordOrigin[] origins =
        [
            new PasswordOrigin.Generated(),
            new PasswordOrigin.Chosen("v1:digest"),
            new PasswordOrigin.Claimed("claim-1", IsTyped: false),
            new PasswordOrigin.Claimed("claim-1", IsTyped: true),
            new PasswordOrigin.MadeByBackend("IMAP,SMTP;42"),
        ];

        Assert.All(origins, static origin =>
        {
            var annotations = OriginAnnotations.Of(origin);
            Assert.Equal(origin, annotations.Parse());
            Assert.True(annotations.AreConsistent);
        });
        // Fails if a kind is missing above.
        Assert.Equal(
            typeof(PasswordOrigin).GetNestedTypes()
                .Order(Comparer<Type>.Create(static (a, b) => string.CompareOrdinal(a.Name, b.Name))),
            origins.Select(static origin => origin.GetType()).Distinct()
                .Order(Comparer<Type>.Create(static (a, b) => string.CompareOrdinal(a.Name, b.Name))));
    }

    [Theory]
    [InlineData("v1:digest", "claim-1", "")] // a claimed password has no source in a Secret
    [InlineData("person", "claim-1", "IMAP;42")]
    [InlineData("", "claim-1", "IMAP;42")]
    [InlineData("v1:digest", "", "IMAP;42")]
    public void AreConsistent_OriginsThatContradict_IsFalse(string source, string claim, string issuedFor) =>
        Assert.False(new OriginAnnotations(source, claim, issuedFor).AreConsistent);
}
