using System.Security.Cryptography;
using k8s.Models;
using MailOperator.Api;
using MailOperator.Integrity;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Secrets;
using MailOperator.MailDevices.Spec;
using MailOperator.Passwords;
using static MailOperator.UnitTests.MailDevices.Snapshots;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>What lets a restart read no Secret, and nobody pass off another Secret as checked.</summary>
public sealed class SecretProofsTests
{
    private static readonly CredentialDigest Key = new([.. Enumerable.Repeat((byte)1, 32)]);

    private readonly SecretProofs _proofs = new(new CredentialDigestSource { Current = Key });

    private static MailDevice Device(string? proof) => new()
    {
        Metadata = new V1ObjectMeta { NamespaceProperty = "shop", Name = "grafana", Uid = "uid-a" },
        Status = new MailDeviceStatus { SecretDigest = proof },
    };

    [Fact]
    public void CheckedBefore_SameVersionAndDesired_IsTheSecretAsItWasChecked()
    {
        SecretState.Owned secret = Secret with { Credential = FullRecord };

        SecretState.Owned? recalled = Recalled(_proofs.Of(Device(null), secret, Desired), Seen());

        Assert.NotNull(recalled);
        Assert.True(recalled is { IsGenuine: true, MatchesDesired: true, MustBeReplaced: false, IsDeleting: false });
        Assert.Equal(("grafana", "secret-uid", "7"), (recalled.Name, recalled.Uid, recalled.ResourceVersion));
        Assert.Equal(FullRecord.Retiring.AsEnumerable(), recalled.Credential.Retiring.AsEnumerable());
        Assert.Equal(FullRecord.ToBeRefused.AsEnumerable(), recalled.Credential.ToBeRefused.AsEnumerable());
        Assert.Equal(
            FullRecord with { Retiring = [], ToBeRefused = [] },
            recalled.Credential with { Retiring = [], ToBeRefused = [] });
    }

    [Fact]
    public void CheckedBefore_AnythingElse_IsNull()
    {
        // Mutants: each part left out of the digest.
        string proof = _proofs.Of(Device(null), Secret with { Credential = FullRecord }, Desired)!;
        Assert.NotNull(Recalled(proof, Seen()));

        Assert.Null(Recalled(null, Seen()));
        Assert.Null(Recalled(proof, Seen(version: "8")));
        Assert.Null(Recalled(proof, Seen(uid: "another")));
        Assert.Null(Recalled(proof, Seen(deleted: true)));
        foreach (string changed in Seen().Metadata.Annotations.Keys)
        {
            SecretMetadata edited = Seen();
            edited.Metadata.Annotations[changed] = changed == Annotations.Digest ? "forged" : "2";
            Assert.Equal(changed == Annotations.Digest, Recalled(proof, edited) is not null);
        }

        Assert.Null(_proofs.CheckedBefore(
            Device(proof), Seen(), Desired with { Secret = Desired.Secret with { Provider = "other" } }));
        MailDevice other = Device(proof);
        other.Metadata.Uid = "uid-b";
        Assert.Null(_proofs.CheckedBefore(other, Seen(), Desired));
        var newKey = new CredentialDigestSource { Current = new([.. Enumerable.Repeat((byte)2, 32)]) };
        Assert.Null(new SecretProofs(newKey).CheckedBefore(Device(proof), Seen(), Desired));
    }

    [Fact]
    public void CheckedBefore_DigestOfAPassword_IsNoProof() =>
        // Whoever may read the Secret has this digest.
        Assert.Null(Recalled(Key.Compute("uid-a", FullRecord, []), Seen()));

    [Fact]
    public void Of_SecretThatIsNotAsDesired_IsNull()
    {
        SecretState?[] others =
        [
            null,
            new SecretState.Absent(),
            new SecretState.Foreign("somebody"),
            Secret with { IsGenuine = false },
            Secret with { MatchesDesired = false },
            Secret with { MustBeReplaced = true },
            Secret with { IsDeleting = true },
        ];

        Assert.All(others, other => Assert.Null(_proofs.Of(Device(null), other, Desired)));
        Assert.Null(_proofs.Of(Device(null), Secret, desired: null));
    }

    [Fact]
    public void Layout_ContentOfASecret_IsThatOfThisLayout()
    {
        // After a change of what is written: count SecretContent.Layout up, so that every Secret is checked once, and
        // put the new hash here.
        using var password = new AppPassword([.. "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"u8]);
        DesiredSecret desired = Desired.Secret with
        {
            Labels = Desired.Secret.Labels.Add("team", "shop"),
            Annotations = Desired.Secret.Annotations.Add("note", "1"),
            Data = SecretDataTests.Data("A", "{{ host }}"),
        };
        byte[] content = ApiJson.Write(json =>
        {
            json.WriteStartObject();
            SecretContent.WriteMetadata(json, desired, FullRecord, ("digest", "uid proof"), [], []);
            SecretContent.WriteData(json, desired, new SecretPayload.Password(password), []);
            json.WriteEndObject();
        });

        Assert.Equal(
            ("layout 2", "9c4d5a8fdb99552b"),
            (SecretContent.Layout, Convert.ToHexStringLower(SHA256.HashData(content))[..16]));
    }

    private static CredentialRecord FullRecord => Snapshots.Record with
    {
        Epoch = 3,
        HandledRotateAndRevoke = "leak",
        IsRestartOwed = true,
        Origin = new PasswordOrigin.Chosen("v1:chosen"),
        Retiring = [new RetiringCredential("bbbbbb", Now.AddHours(3))],
        ToBeRefused = [new SealedPassword("cccccc", Now.AddHours(-3), "beef")],
    };

    private SecretState.Owned? Recalled(string? proof, SecretMetadata seen) =>
        _proofs.CheckedBefore(Device(proof), seen, Desired);

    private static SecretMetadata Seen(string version = "7", string uid = "secret-uid", bool deleted = false) => new()
    {
        Metadata = new V1ObjectMeta
        {
            NamespaceProperty = "shop",
            Name = "grafana",
            Uid = uid,
            ResourceVersion = version,
            DeletionTimestamp = deleted ? Now.UtcDateTime : null,
            Annotations = new Dictionary<string, string>
            {
                [Annotations.Epoch] = "3",
                [Annotations.Credential] = "aaaaaa",
                [Annotations.IssuedAt] = Rfc3339.Format(FullRecord.IssuedAt),
                [Annotations.HandledRotation] = "one",
                [Annotations.HandledRotateAndRevoke] = "leak",
                [Annotations.RestartOwed] = "true",
                [Annotations.Source] = "v1:chosen",
                [Annotations.Retiring] = CredentialAnnotations.RetiringText(FullRecord.Retiring),
                [Annotations.ToBeRefused] = CredentialAnnotations.ToBeRefusedText(FullRecord.ToBeRefused),
                [Annotations.Digest] = "digest",
            },
        },
    };
}
