using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.Backends;
using MailOperator.UnitTests.MailDevices;
using Moq;

namespace MailOperator.UnitTests.MailBackends;

/// <summary>Ready of a MailBackend that cannot be used as a whole, and what goes on all the same.</summary>
public sealed class MailBackendReadyTests : MailBackendRig
{
    [Fact]
    public async Task Reconcile_WindowIsWrong_IsStalledAndStillLists()
    {
        // Mutant: return before the listing. Slots without a device would then never end.
        MailBackend wrong = Backend();
        wrong.Spec.Rotation = new BackendRotationSpec
        {
            Window = new RotationWindowSpec { Cron = "0 2 * * *", Duration = "4h", TimeZone = "CEST" },
        };
        Backends.Put(wrong);
        Holds(Snapshots.Slot("aaaaaa") with { Owner = new SlotOwner("cluster", "uid-gone") });

        await Reconciler.ReconcileAsync(Key, Token);

        AssertStalled("spec.rotation.window.timeZone 'CEST'");
        Assert.Equal(1, (int)StatusWritten()!["orphanSlots"]!);
    }

    [Fact]
    public async Task Reconcile_SecretOfDoveadmIsMissing_IsStalledAndNamesIt()
    {
        // Mutant: never read it. The first deletion would be the first to tell.
        Servers.Setup(static one => one.SecretProblemAsync(It.IsAny<MailBackendSpec>(), It.IsAny<CancellationToken>()))
            .ReturnsAsync("Secret mail-operator/doveadm does not exist; create it.");

        await Reconciler.ReconcileAsync(Key, Token);

        AssertStalled("Secret mail-operator/doveadm does not exist");
    }

    [Fact]
    public async Task Reconcile_SecretOfTheDriverIsMissing_IsStalledAndNamesIt()
    {
        Target.Setup(static one => one.ListAllAsync("cluster", It.IsAny<CancellationToken>()))
            .ThrowsAsync(MailBackendException.SecretIncomplete("Secret mail-operator/db does not exist; create it."));

        await Reconciler.ReconcileAsync(Key, Token);

        AssertStalled("Secret mail-operator/db does not exist");
    }

    [Fact]
    public async Task Reconcile_SecretsCannotBeRead_IsNotStalled()
    {
        // Mutant: call any failure a wrong spec. Nothing is wrong with it while the API server is away.
        Servers.Setup(static one => one.SecretProblemAsync(It.IsAny<MailBackendSpec>(), It.IsAny<CancellationToken>()))
            .ThrowsAsync(new MailBackendException(BackendFailure.Unavailable, "no answer"));

        await Reconciler.ReconcileAsync(Key, Token);

        Assert.Equal(Reasons.BackendUnavailable, (string)StatusWritten()!["conditions"]![0]!["reason"]!);
        Assert.Equal("Reconciling", (string)StatusWritten()!["conditions"]![1]!["type"]!);
    }

    private void AssertStalled(string words)
    {
        JsonArray conditions = StatusWritten()!["conditions"]!.AsArray();
        Assert.Equal(("Ready", "False", "InvalidSpec"), Of(conditions[0]!));
        Assert.Equal(("Stalled", "True", "InvalidSpec"), Of(conditions[1]!));
        Assert.Contains(words, (string)conditions[0]!["message"]!, StringComparison.Ordinal);
    }

    private static (string, string, string) Of(JsonNode condition) =>
        ((string)condition["type"]!, (string)condition["status"]!, (string)condition["reason"]!);
}
