using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.IntegrationTests.Bed;
using MailOperator.Kubernetes;

namespace MailOperator.IntegrationTests.MailDevices;

/// <summary>Passwords that are verified by a login. Real Dovecot.</summary>
public sealed class VerificationTests : OperatorTest
{
    private readonly string _backend = $"tried-{Guid.NewGuid().ToString("N")[..8]}";

    private string Mailbox => $"{_backend}@example.com";

    [Fact]
    public async Task Issue_DovecotReadsAnotherFile_HandsNothingOutUntilItReadsThis()
    {
        // Mutants: try nothing; try after the commit; keep the slot of the refused password.
        string other = Path.Combine(Bed.Dovecot.Folder, _backend);
        // Without its file Dovecot answers no login.
        await File.AppendAllTextAsync(Bed.Dovecot.PasswdFile, "", TestContext.Current.CancellationToken);
        await CreateBackendAsync(other);
        await Cluster.CreateDeviceAsync(
            Namespace, "tried", $"{{mailbox: {Mailbox}, backendRef: {{name: {_backend}}}}}");

        JsonObject refused = await Bed.WaitForDeviceAsync(
            Key("tried"), ConditionTypes.Verified, "False", Reasons.VerificationFailed);
        Assert.Contains(
            $"IMAP at 127.0.0.1:{Bed.Dovecot.ImapPort} refuses it",
            (string)Status.Condition(refused, ConditionTypes.Verified)!["message"]!);
        Assert.Equal(Reasons.VerificationFailed, (string)Status.Condition(refused, ConditionTypes.Ready)!["reason"]!);
        Assert.Null(await Cluster.FindAsync(ResourceType.Secrets, Key("tried")));
        await Eventually.TrueAsync("the slot of what was refused is gone", () =>
            Task.FromResult(!File.ReadAllText(other).Contains(Mailbox, StringComparison.Ordinal)));

        await Cluster.MergeAsync(
            ApiGroup.MailBackends, new ObjectKey("", _backend),
            $"{{spec: {{passwdFile: {{path: {Bed.Dovecot.PasswdFile}}}}}}}");
        JsonObject ready = await Bed.WaitForDeviceAsync(Key("tried"), ConditionTypes.Ready, "True");
        Assert.Equal(
            ("True", Reasons.LoginAccepted),
            (
                (string)Status.Condition(ready, ConditionTypes.Verified)!["status"]!,
                (string)Status.Condition(ready, ConditionTypes.Verified)!["reason"]!));
        // Immediately, because the slot is written before the Secret.
        Assert.True(await Bed.ImapAsync(await Bed.SecretAsync(Key("tried"))));

        int before = Refusals();
        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("tried"));
        await Eventually.TrueAsync(
            "the device is gone", async () => await Cluster.FindAsync(ApiGroup.MailDevices, Key("tried")) is null);
        await Eventually.TrueAsync("Dovecot has refused the password", () => Task.FromResult(Refusals() > before));
    }

    [Fact]
    public async Task Delete_DovecotGoesOnAccepting_HoldsTheDeviceAndItsSecret()
    {
        // Mutant: count a login that works as revoked. Another passdb may still accept what the operator has removed.
        await CreateBackendAsync(Bed.Dovecot.PasswdFile);
        await Cluster.CreateDeviceAsync(
            Namespace, "stuck", $"{{mailbox: {Mailbox}, backendRef: {{name: {_backend}}}}}");
        await Bed.WaitForDeviceAsync(Key("stuck"), ConditionTypes.Verified, "True");
        DeviceSecret secret = await Bed.SecretAsync(Key("stuck"));
        string person = Path.Combine(Bed.Dovecot.PeopleFolder, Mailbox);
        await File.WriteAllTextAsync(
            person, $$"""{"password": "{{secret["password"]}}"}""", TestContext.Current.CancellationToken);

        await Cluster.DeleteAsync(ApiGroup.MailDevices, Key("stuck"));
        JsonObject held = await Bed.WaitForDeviceAsync(
            Key("stuck"), ConditionTypes.RevocationPending, "True", Reasons.RevocationBlocked);
        Assert.Contains("still works", (string)Status.Condition(held, ConditionTypes.RevocationPending)!["message"]!);
        Assert.NotNull(await Cluster.FindAsync(ResourceType.Secrets, Key("stuck")));
        Assert.DoesNotContain(Bed.PasswdLines(), line => line.Contains(Mailbox, StringComparison.Ordinal));

        await Cluster.MergeAsync(ApiGroup.MailBackends, new ObjectKey("", _backend), "{spec: {verification: None}}");
        await Eventually.TrueAsync(
            "the device is gone", async () => await Cluster.FindAsync(ApiGroup.MailDevices, Key("stuck")) is null);
    }

    [Fact]
    public async Task Rotate_OverlapOver_TheOldPasswordWasTriedAndRefusedAlsoAfterARestart()
    {
        // Mutants: try nothing after the end; keep the password only in memory, or in clear text.
        await CreateBackendAsync(Bed.Dovecot.PasswdFile);
        await Cluster.CreateDeviceAsync(
            Namespace, "turned",
            $"{{mailbox: {Mailbox}, backendRef: {{name: {_backend}}}, rotation: {{overlap: 15s}}}}");
        await Bed.WaitForDeviceAsync(Key("turned"), ConditionTypes.Verified, "True");
        DeviceSecret old = await Bed.SecretAsync(Key("turned"));
        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("turned"), Annotations.Rotate, "two");
        await Eventually.TrueAsync(
            "a new password", async () => (await Bed.SecretAsync(Key("turned")))["password"] != old["password"]);
        JsonObject kept = (await Cluster.FindAsync(ResourceType.Secrets, Key("turned")))!;
        Assert.StartsWith(
            $"{old["password"][..6]}=", (string)kept["metadata"]!["annotations"]![Annotations.ToBeRefused]!);
        await Bed.KillAndRestartAsync();

        JsonObject seen = await Bed.WaitForDeviceAsync(
            Key("turned"), ConditionTypes.RevocationVerified, "True", Reasons.LoginRefused,
            limit: TimeSpan.FromSeconds(60));

        Assert.Contains(
            old["password"][..6], (string)Status.Condition(seen, ConditionTypes.RevocationVerified)!["message"]!);
        Assert.Equal(old["password"][..6], (string)seen["status"]!["revocationCheck"]!["id"]!);
        Assert.True(Refusals() > 0);
        Assert.Null((await Cluster.FindAsync(
            ResourceType.Secrets, Key("turned")))!["metadata"]!["annotations"]![Annotations.ToBeRefused]);
    }

    [Fact]
    public async Task RotateAndRevoke_DovecotGoesOnAccepting_SaysSoUntilItDoesNotAndHoldsUpNothing()
    {
        // Mutants: count a login that works as revoked; try only once; delay the new password.
        await CreateBackendAsync(Bed.Dovecot.PasswdFile);
        await Cluster.CreateDeviceAsync(
            Namespace, "leaky", $"{{mailbox: {Mailbox}, backendRef: {{name: {_backend}}}}}");
        await Bed.WaitForDeviceAsync(Key("leaky"), ConditionTypes.Verified, "True");
        DeviceSecret old = await Bed.SecretAsync(Key("leaky"));
        string person = Path.Combine(Bed.Dovecot.PeopleFolder, Mailbox);
        await File.WriteAllTextAsync(
            person, $$"""{"password": "{{old["password"]}}"}""", TestContext.Current.CancellationToken);

        await Cluster.AnnotateAsync(ApiGroup.MailDevices, Key("leaky"), Annotations.RotateAndRevoke, "leak");
        JsonObject alarmed = await Bed.WaitForDeviceAsync(
            Key("leaky"), ConditionTypes.RevocationVerified, "False", Reasons.VerificationFailed);
        Assert.Equal("True", (string)Status.Condition(alarmed, ConditionTypes.Ready)!["status"]!);
        Assert.Equal("True", (string)Status.Condition(alarmed, ConditionTypes.Verified)!["status"]!);
        Assert.Equal(
            Reasons.RevocationBlocked, (string)Status.Condition(alarmed, ConditionTypes.RevocationPending)!["reason"]!);
        Assert.True(await Bed.ImapAsync(await Bed.SecretAsync(Key("leaky"))));

        File.Delete(person);
        // It caches results for an hour.
        await Shell.RunAsync(
            "doveadm", "-c", Path.Combine(Bed.Dovecot.Folder, "dovecot.conf"), "auth", "cache", "flush", Mailbox);
        JsonObject mended = await Bed.WaitForDeviceAsync(
            Key("leaky"), ConditionTypes.RevocationVerified, "True", Reasons.LoginRefused,
            limit: TimeSpan.FromSeconds(60));
        Assert.Null(Status.Condition(mended, ConditionTypes.RevocationPending));
    }

    [Fact]
    public async Task Issue_LimitedToNetworks_IsReadyAndNotTried()
    {
        await CreateBackendAsync(Bed.Dovecot.PasswdFile);
        await Cluster.CreateDeviceAsync(
            Namespace, "far",
            $"{{mailbox: {Mailbox}, backendRef: {{name: {_backend}}}, allowedNetworks: [192.0.2.0/24]}}");

        await Bed.WaitForDeviceAsync(Key("far"), ConditionTypes.Ready, "True");
        await Bed.WaitForDeviceAsync(Key("far"), ConditionTypes.Verified, "Unknown", Reasons.VerificationSkipped);
        Assert.Equal(0, Refusals());
    }

    private Task<JsonObject> CreateBackendAsync(string passwdFile) => Cluster.CreateAsync(
        ApiGroup.MailBackends, "",
        TestBed.BackendYaml(_backend, $"{{path: {passwdFile}}}", Bed.Dovecot) + "\n  verification: Login");

    private int Refusals() => File.ReadLines(Bed.Dovecot.Log).Count(line =>
        line.Contains(Mailbox, StringComparison.OrdinalIgnoreCase)
        && line.Contains("unknown user", StringComparison.Ordinal));
}
