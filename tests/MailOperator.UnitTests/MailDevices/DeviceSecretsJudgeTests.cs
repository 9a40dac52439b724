using System.Collections.Immutable;
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

namespace MailOperator.UnitTests.MailDevices;

/// <summary>How a Secret is judged, with the key that made its digest and after that key was lost.</summary>
public sealed class DeviceSecretsJudgeTests : IDisposable
{
    private static readonly CredentialDigest Ours =
        new([.. Enumerable.Repeat((byte)1, 32)], madeAt: Snapshots.Now.AddMinutes(-1)),
        Lost = new([.. Enumerable.Repeat((byte)2, 32)]);

    private static readonly CredentialRecord Genuine =
        Snapshots.Record with { Retiring = [new RetiringCredential("bbbbbb", Snapshots.Now.AddHours(3))] };

    private readonly PasswordHasher _hasher = new(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Judge_WrittenByTheOperator_IsGenuineWithoutAHash()
    {
        SecretState.Owned secret = await OwnedAsync(Genuine, Ours.Compute("uid-a", Genuine, Password), slots: []);

        Assert.True(secret.IsGenuine && secret.MatchesDesired && !secret.MustBeReplaced);
        Assert.Equal(Genuine.Retiring.AsEnumerable(), secret.Credential.Retiring.AsEnumerable());
    }

    [Theory]
    [InlineData("")]
    [InlineData("v1:")]
    public async Task Judge_DigestMissingOrInvalid_IsNotGenuine(string digest) =>
        Assert.False((await OwnedAsync(Genuine, digest, slots: [])).IsGenuine);

    [Fact]
    public async Task Judge_KeyLost_IsGenuineByTheBackendsHash()
    {
        SecretState.Owned secret = await OwnedAsync(
            Genuine, Lost.Compute("uid-a", Genuine, Password), await SlotsAsync());

        Assert.True(secret.IsGenuine);
        Assert.False(secret.MatchesDesired); // so that it gets a digest under the new key
        Assert.Equal(Genuine.Retiring.AsEnumerable(), secret.Credential.Retiring.AsEnumerable()); // the overlap goes on
        Assert.Equal(Genuine.IssuedAt, secret.Credential.IssuedAt);
    }

    [Fact]
    public async Task Judge_KeyLostOfAChosenPassword_RecognizesItsSource()
    {
        // Mutant: keep the old key's digest of the source. It would differ from the source and cause a rotation.
        CredentialRecord chosen = Genuine with
        {
            Origin = new PasswordOrigin.Chosen(Lost.OfChosen("uid-a", "aaaaaa", Password)),
        };
        ImmutableArray<Slot> slots = [.. (await SlotsAsync()).Select(static slot => slot with { IsChosen = true })];

        SecretState.Owned secret = await OwnedAsync(chosen, Lost.Compute("uid-a", chosen, Password), slots);

        Assert.True(secret.IsGenuine);
        Assert.Equal(new PasswordOrigin.Chosen(Ours.OfChosen("uid-a", "aaaaaa", Password)), secret.Credential.Origin);
    }

    [Fact]
    public async Task Judge_KeyLostAndPasswordEdited_IsNotGenuine()
    {
        ImmutableArray<Slot> slots = await SlotsAsync();

        Assert.False((await OwnedAsync(Genuine, "v1:00000000:x", slots, "aaaaaaForgedForgedForged")).IsGenuine);
        Assert.False((await OwnedAsync(Genuine with { Selector = "bbbbbb" }, "v1:00000000:x", slots)).IsGenuine);
        Assert.False((await OwnedAsync(Genuine, "v1:00000000:x", slots, "short")).IsGenuine);
    }

    [Fact]
    public async Task Judge_DigestOfUnknownKeyAndRecordEdited_ExtendsNothing()
    {
        // Whoever may write the Secret can make its digest look like one of a lost key. The backend's hash proves the
        // password, but nothing proves the other fields: no ended password may live on, and no rotation may be put off.
        CredentialRecord forged = Genuine with
        {
            IssuedAt = Snapshots.Now.AddYears(50),
            Retiring =
            [
                new RetiringCredential("bbbbbb", Snapshots.Now.AddYears(50)),
                new RetiringCredential("bbbbbb", Snapshots.Now.AddYears(60)),
            ],
        };

        SecretState.Owned secret = await OwnedAsync(forged, "v1:00000000:x", await SlotsAsync());

        Assert.True(secret.IsGenuine);
        Assert.Equal(Genuine.IssuedAt, secret.Credential.IssuedAt);
        Assert.Equal(
            [new RetiringCredential("bbbbbb", Genuine.IssuedAt + Snapshots.Desired.Lifetime.Overlap)],
            secret.Credential.Retiring.AsEnumerable());
    }

    [Fact]
    public async Task Judge_SecretOfAnotherOwner_IsForeign()
    {
        SecretState state = await ObserveAsync(
            Genuine, Ours.Compute("uid-a", Genuine, Password), [], "aaaaaaSecretSecretSecret", owner: "uid-b");

        Assert.Equal("belongs to MailDevice 'grafana' (UID uid-b)", Assert.IsType<SecretState.Foreign>(state).Owner);
    }

    public void Dispose() => _hasher.Dispose();

    private static ReadOnlySpan<byte> Password => "aaaaaaSecretSecretSecret"u8;

    private async Task<ImmutableArray<Slot>> SlotsAsync()
    {
        using var password = new AppPassword(Password.ToArray());
        string hash = await _hasher.HashAsync(password, 4, Token);
        return [Snapshots.Slot("aaaaaa") with { Hash = hash }, Snapshots.Slot("bbbbbb", TimeSpan.FromHours(5))];
    }

    private async Task<SecretState.Owned> OwnedAsync(
        CredentialRecord record,
        string digest,
        ImmutableArray<Slot> slots,
        string password = "aaaaaaSecretSecretSecret") =>
        Assert.IsType<SecretState.Owned>(await ObserveAsync(record, digest, slots, password, owner: "uid-a"));

    private Task<SecretState> ObserveAsync(
        CredentialRecord record, string digest, ImmutableArray<Slot> slots, string password, string owner)
    {
        FakeApi api = new FakeApi().Answer(HttpStatusCode.OK, Written(record, digest, password, owner));
        var digests = new CredentialDigestSource { Current = Ours };
        var clock = new FakeTimeProvider(Snapshots.Now);
        var secrets = new DeviceSecrets(
            api.Connect(TimeProvider.System), digests, _hasher, clock);
        var device = new MailDevice
        {
            Metadata = new() { Name = "grafana", NamespaceProperty = "shop", Uid = "uid-a" },
        };
        return secrets.ObserveAsync(device, Snapshots.Desired, slots, Token);
    }

    private static string Written(CredentialRecord record, string digest, string text, string owner)
    {
        using var password = new AppPassword(Encoding.ASCII.GetBytes(text));
        return Encoding.UTF8.GetString(ApiJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("type", Snapshots.Desired.Secret.Type);
            json.WriteStartObject("metadata");
            json.WriteString("name", "grafana");
            json.WriteString("uid", "secret-uid");
            json.WriteString("resourceVersion", "7");
            json.WriteStartArray("ownerReferences");
            json.WriteStartObject();
            json.WriteString("kind", "MailDevice");
            json.WriteString("name", "grafana");
            json.WriteString("uid", owner);
            json.WriteEndObject();
            json.WriteEndArray();
            SecretContent.WriteMetadata(
                json,
                Snapshots.Desired.Secret,
                record,
                (digest, $"uid-a {Ours.OfIdentity(new ObjectKey("shop", "grafana"), "uid-a")}"),
                [],
                []);
            json.WriteEndObject();
            SecretContent.WriteData(json, Snapshots.Desired.Secret, new SecretPayload.Password(password), []);
            json.WriteEndObject();
        }));
    }
}
