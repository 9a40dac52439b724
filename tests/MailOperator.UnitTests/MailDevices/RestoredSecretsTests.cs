using System.Net;
using System.Text;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.Integrity;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Secrets;
using MailOperator.Passwords;
using MailOperator.UnitTests.Kubernetes;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace MailOperator.UnitTests.MailDevices;

/// <summary>Under which UID a device that was restored from a backup goes on, and when it does not.</summary>
public sealed class RestoredSecretsTests : IDisposable
{
    private const string Earlier = "uid-earlier";
    private const string Text = "aaaaaaSecretSecretSecret";

    private static readonly CredentialDigest Ours = new([.. Enumerable.Repeat((byte)1, 32)]);
    private static readonly CredentialDigest Lost = new([.. Enumerable.Repeat((byte)2, 32)]);
    private static readonly ObjectKey Key = new("shop", "grafana");

    private readonly PasswordHasher _hasher = new(1);

    /// <summary>What is restored; each test changes one thing.</summary>
    private sealed record Case
    {
        public CredentialDigest Key { get; init; } = Ours;

        /// <summary>The device that the Secret was written for.</summary>
        public ObjectKey WrittenFor { get; init; } = RestoredSecretsTests.Key;

        public string Password { get; init; } = Text;

        /// <summary>The password that the digest is of, and whose hash the slot has.</summary>
        public string Signed { get; init; } = Text;

        public string? Owner { get; init; }

        public Func<Slot, Slot> Slot { get; init; } = static slot => slot;

        public MailDeviceStatus? Status { get; init; }

        public bool IsAdoptionAsked { get; init; }

        public string? OtherLiving { get; init; }
    }

    [Fact]
    public async Task Find_SecretOfThisOperatorAndASlot_IsTheEarlierUid() =>
        Assert.Equal(Earlier, await FindAsync(new Case()));

    public static TheoryData<string> Reasons() => [.. Refused.Keys];

    private static readonly Dictionary<string, Case> Refused = new()
    {
        ["the slot has ended"] = new() { Slot = static slot => slot with { End = new SlotEnd(Snapshots.Now, true) } },
        ["the slot is retained"] = new() { Slot = static slot => slot with { IsRetained = true } },
        ["the slot is of another mailbox"] = new() { Slot = static slot => slot with { Mailbox = "b@example.com" } },
        ["the slot is of another password"] = new() { Slot = static slot => slot with { Selector = "bbbbbb" } },
        ["the password was edited"] = new() { Password = "aaaaaaOtherOtherOtherOther" },
        ["it was written in another namespace"] = new() { WrittenFor = new ObjectKey("thief", "grafana") },
        ["it was written for another name"] = new() { WrittenFor = new ObjectKey("shop", "gitea") },
        ["the device owns the Secret already"] = new() { Owner = "uid-a" },
        ["the device has a password"] = new()
        {
            Status = new() { Credentials = [new() { Id = "cccccc", State = CredentialState.Current }] },
        },
        ["the device goes on under another UID"] = new() { Status = new() { AdoptedUid = "uid-b" } },
        ["another key signed it, and nobody asks"] = new() { Key = Lost },
        ["another key signed it, and the mail system has another hash"] = new()
        {
            Key = Lost, IsAdoptionAsked = true, Password = "aaaaaaOtherOtherOtherOther",
        },
        ["another key signed it, and a device lives under that UID"] = new()
        {
            Key = Lost, IsAdoptionAsked = true, OtherLiving = Earlier,
        },
    };

    [Theory]
    [MemberData(nameof(Reasons))]
    public async Task Find_SomethingIsNotRight_IsNothing(string what) =>
        Assert.Null(await FindAsync(Refused[what]));

    /// <summary>The mutant: only the digest counts, so a backup cannot be restored after the key was lost.</summary>
    [Fact]
    public async Task Find_AnotherKeyAndAdoptionAsked_IsTheEarlierUidByTheHash() =>
        Assert.Equal(Earlier, await FindAsync(new Case { Key = Lost, IsAdoptionAsked = true }));

    public void Dispose() => _hasher.Dispose();

    private async Task<string?> FindAsync(Case one)
    {
        CredentialRecord record = Snapshots.Record;
        string identity = $"{Earlier} {one.Key.OfIdentity(one.WrittenFor, Earlier)}";
        string digest = one.Key.Compute(Earlier, record, Encoding.ASCII.GetBytes(one.Signed));
        using var signed = new AppPassword(Encoding.ASCII.GetBytes(one.Signed));
        Slot slot = one.Slot(Snapshots.Slot("aaaaaa") with
        {
            Owner = new SlotOwner("cluster", Earlier),
            Hash = await _hasher.HashAsync(signed, 4, TestContext.Current.CancellationToken),
        });

        var device = new MailDevice
        {
            Metadata = new() { Name = Key.Name, NamespaceProperty = Key.Namespace, Uid = "uid-a" },
            Spec = new() { Mailbox = "Alerts@example.com" },
            Status = one.Status,
        };
        if (one.IsAdoptionAsked)
        {
            device.Metadata.Annotations = new Dictionary<string, string> { [Annotations.Adopt] = "true" };
        }

        var devices = new ObjectStore<MailDevice>();
        devices.Put(device);
        if (one.OtherLiving is { } other)
        {
            devices.Put(new MailDevice
            {
                Metadata = new() { Name = "other", NamespaceProperty = "shop", Uid = other },
            });
        }

        var secrets = new ObjectStore<SecretMetadata>();
        secrets.Put(new SecretMetadata
        {
            Metadata = new()
            {
                Name = Key.Name,
                NamespaceProperty = Key.Namespace,
                Annotations = new Dictionary<string, string> { [Annotations.Identity] = identity },
                OwnerReferences = one.Owner is null ? null : [new() { Kind = "MailDevice", Uid = one.Owner }],
            },
        });
        var backend = new Mock<IMailBackend>(MockBehavior.Strict);
        backend.Setup(at => at.ListAsync(new SlotOwner("cluster", Earlier), It.IsAny<CancellationToken>()))
            .ReturnsAsync([slot]);
        var clock = new FakeTimeProvider(Snapshots.Now);
        var digests = new CredentialDigestSource { Current = Ours };
        FakeApi api = new FakeApi().Answer(HttpStatusCode.OK, Written(record, (digest, identity), one.Password));
        var finder = new RestoredSecrets(
            devices, secrets, new DeviceSecrets(api.Connect(clock), digests, _hasher, clock), digests,
            new OperatorIdentity { Instance = "cluster" }, clock);
        return await finder.FindAsync(device, backend.Object, TestContext.Current.CancellationToken);
    }

    private static string Written(CredentialRecord record, (string, string) proofs, string text)
    {
        using var password = new AppPassword(Encoding.ASCII.GetBytes(text));
        return Encoding.UTF8.GetString(ApiJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteString("name", Key.Name);
            SecretContent.WriteMetadata(json, Snapshots.Desired.Secret, record, proofs, [], []);
            json.WriteEndObject();
            SecretContent.WriteData(json, Snapshots.Desired.Secret, new SecretPayload.Password(password), []);
            json.WriteEndObject();
        }));
    }
}
