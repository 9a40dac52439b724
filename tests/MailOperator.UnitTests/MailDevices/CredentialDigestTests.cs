using System.Collections.Immutable;
using MailOperator.Integrity;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.UnitTests.MailDevices;

public sealed class CredentialDigestTests
{
    private static readonly CredentialDigest Digest = new([.. Enumerable.Range(0, 32).Select(number => (byte)number)]);

    private static readonly CredentialRecord Record = Snapshots.Record with
    {
        HandledRotateAndRevoke = "leak",
        Retiring =
        [
            new RetiringCredential("bbbbbb", Snapshots.Now),
            new RetiringCredential("cccccc", Snapshots.Now.AddHours(1)),
        ],
    };

    // Values that a user may write into an annotation, and that could be confused in a text of several lines.
    private static readonly string[] Tokens = ["", "a", "\n", "a\n", "\na", "\\", "\\n", "a\\"];

    [Fact]
    public void Compute_EveryMemberOfTheRecord_IsCovered()
    {
        // Whoever may write the Secret could forge a member that is added later and not digested.
        var changed = new Dictionary<string, CredentialRecord>
        {
            [nameof(CredentialRecord.Epoch)] = Record with { Epoch = 2 },
            [nameof(CredentialRecord.Selector)] = Record with { Selector = "aaaaab" },
            [nameof(CredentialRecord.IssuedAt)] = Record with { IssuedAt = Record.IssuedAt.AddSeconds(1) },
            [nameof(CredentialRecord.HandledRotation)] = Record with { HandledRotation = "" },
            [nameof(CredentialRecord.HandledRotateAndRevoke)] = Record with { HandledRotateAndRevoke = "Leak" },
            [nameof(CredentialRecord.IsRestartOwed)] = Record with { IsRestartOwed = true },
            ["Origin: chosen"] = Record with { Origin = new PasswordOrigin.Chosen("v1:chosen") },
            ["Origin: made by the backend"] = Record with { Origin = new PasswordOrigin.MadeByBackend("IMAP,SMTP;42") },
            ["Origin: claimed"] = Record with { Origin = new PasswordOrigin.Claimed("v1:chosen", IsTyped: false) },
            ["Origin: claimed and typed"] = Record with
            {
                Origin = new PasswordOrigin.Claimed("v1:chosen", IsTyped: true),
            },
            [nameof(CredentialRecord.Retiring)] = Record with { Retiring = [Record.Retiring[0]] },
            [nameof(CredentialRecord.ToBeRefused)] = Record with
            {
                ToBeRefused = [new SealedPassword("bbbbbb", Record.IssuedAt, "00")],
            },
        };

        Assert.Equal(
            typeof(CredentialRecord).GetProperties().Where(static one => one.CanWrite).Select(one => one.Name).Order(
                StringComparer.Ordinal),
            changed.Keys.Select(static key => key.Split(':')[0]).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(changed.Count, changed.Values.Select(Of).Append(Of(Record)).Distinct().Count() - 1);
    }

    [Fact]
    public void Compute_EqualRecord_IsTheSameDigest() =>
        Assert.Equal(Of(Record), Of(Record with { Retiring = [.. Record.Retiring.Select(one => one with { })] }));

    [Fact]
    public void Compute_PartsMovedBetweenFields_IsAnotherDigest()
    {
        CredentialRecord moved = Record with { HandledRotation = "", HandledRotateAndRevoke = Record.HandledRotation };
        CredentialRecord swapped = Record with { Retiring = [Record.Retiring[1], Record.Retiring[0]] };

        Assert.Equal(3, new[] { Of(Record), Of(moved), Of(swapped) }.Distinct().Count());
        Assert.NotEqual(Digest.Compute("uid-a", Record, "xpassword"u8), Digest.Compute("uid-ax", Record, "password"u8));
    }

    [Fact]
    public void Compute_TokenWithALineBreak_CannotForgeAnotherField()
    {
        // A user chooses the token. If the digest joined the fields by lines, this genuine record would prove a
        // forged one in which an ended password works for years. The user would only have to edit two annotations of
        // the Secret.
        const string forgedLine = "bbbbbb 2099-01-01T00:00:00Z";
        CredentialRecord genuine = Snapshots.Record with { HandledRotateAndRevoke = $"leak\n{forgedLine}" };
        CredentialRecord forged = Snapshots.Record with
        {
            HandledRotateAndRevoke = "leak",
            Retiring = [new RetiringCredential("bbbbbb", new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero))],
        };

        Assert.NotEqual(Of(genuine), Of(forged));
    }

    [Fact]
    public void Compute_UnusualTokens_HaveDistinctDigests()
    {
        CredentialRecord[] records =
        [
            .. from selector in Tokens
               from rotate in Tokens
               from revoke in Tokens
               from retiring in (ImmutableArray<RetiringCredential>[])[
                   [], [new RetiringCredential(revoke, Snapshots.Now)]]
               select Snapshots.Record with
               {
                   Selector = selector,
                   HandledRotation = rotate,
                   HandledRotateAndRevoke = revoke,
                   Retiring = retiring,
               },
        ];

        Assert.Equal(records.Length, records.Select(Of).Distinct().Count());
    }

    [Fact]
    public void Compute_Source_CannotBeMovedIntoRetiring()
    {
        CredentialRecord chosen = Snapshots.Record with { Origin = new PasswordOrigin.Chosen("2099-01-01T00:00:00Z") };
        CredentialRecord forged = Snapshots.Record with
        {
            Retiring = [new RetiringCredential("source", new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero))],
        };

        Assert.NotEqual(Of(chosen), Of(forged));
    }

    [Fact]
    public void Compute_GeneratedPassword_IsTheDigestOfEarlierVersions() =>
        // Mutant: digest the empty source too. After an update every Secret would count as edited and be rotated.
        Assert.Equal("v1:630dcd29:eRJh3CqIKZG3vUExUnw0bo9cSOPLr13S5GZ+oi/b85M=", Of(Snapshots.Record));

    [Fact]
    public void OfChosen_AnotherPasswordDeviceOrId_IsAnotherDigest()
    {
        string[] digests =
        [
            Digest.OfChosen("uid-a", "aaaaaa", "password"u8), Digest.OfChosen("uid-a", "aaaaaa", "passwore"u8),
            Digest.OfChosen("uid-b", "aaaaaa", "password"u8), Digest.OfChosen("uid-a", "aaaaab", "password"u8),
            new CredentialDigest(new byte[32]).OfChosen("uid-a", "aaaaaa", "password"u8),
        ];

        Assert.Equal(digests.Length, digests.Distinct().Count());
        Assert.Equal(digests[0], Digest.OfChosen("uid-a", "aaaaaa", "password"u8));
    }

    [Fact]
    public void MayBeOfKeyBefore_Digest_IsDecidedByItsPrefixWhileTheKeyIsNew()
    {
        DateTimeOffset made = Snapshots.Now;
        var other = new CredentialDigest([.. Enumerable.Repeat((byte)7, 32)], made);

        Assert.True(other.MayBeOfKeyBefore(Of(Record), made));
        Assert.True(other.MayBeOfKeyBefore("", made.AddMinutes(59)));
        // Mutant: for ever. Whoever may write the Secret writes such a digest and is believed.
        Assert.False(other.MayBeOfKeyBefore(Of(Record), made.AddHours(1)));
        Assert.False(new CredentialDigest([.. Enumerable.Repeat((byte)7, 32)]).MayBeOfKeyBefore(Of(Record), made));
        string own = other.Compute("uid-a", Record, "password"u8);
        Assert.False(other.MayBeOfKeyBefore(own[..^4] + "AAA=", made)); // forged, but not of another key
    }

    [Fact]
    public void Compute_Digest_RevealsNeitherKeyNorPassword()
    {
        string digest = Digest.Compute("uid-a", Record, "SecretSecretSecret"u8);

        Assert.Matches("^v1:[0-9a-f]{8}:[A-Za-z0-9+/]{43}=$", digest);
        Assert.DoesNotContain("00010203", digest);
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("a", "a", true)]
    [InlineData("a", "b", false)]
    [InlineData("a", "aa", false)]
    [InlineData("a", "", false)]
    public void AreEqual_Texts_AreComparedWhole(string one, string other, bool expected) =>
        Assert.Equal(expected, CredentialDigest.AreEqual(one, other));

    private static string Of(CredentialRecord record) => Digest.Compute("uid-a", record, "password"u8);
}
