using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MailOperator.Tests;

namespace MailOperator.UnitTests.GitOps;

public sealed class RecordedStatesTests
{
    private static readonly JsonSerializerOptions Indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Theory]
    [InlineData("DeviceInvitation")]
    [InlineData("MailBackend")]
    [InlineData("MailDevice")]
    [InlineData("MailUser")]
    public async Task States_InTheRepository_AreThoseThatTheOperatorWrites(string kind)
    {
        JsonObject states = kind switch
        {
            "DeviceInvitation" => DeviceInvitationStates.All(),
            "MailDevice" => MailDeviceStates.All(),
            "MailUser" => await MailUserStates.AllAsync(),
            _ => await MailBackendStates.AllAsync(),
        };
        string text = states.ToJsonString(Indented) + "\n";

        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(RecordedStates.FileOf(kind), text, TestContext.Current.CancellationToken);
        }

        // UPDATE_DOCS=1 writes it.
        Assert.Equal(
            text, await File.ReadAllTextAsync(RecordedStates.FileOf(kind), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Page_States_AreAllOfEveryKind() => Assert.Equal(
        CustomResourceDefinition.All.SelectMany(crd =>
            RecordedStates.Of(crd.Kind).Keys.Select(state => $"{crd.Kind}: {state}")).Order(StringComparer.Ordinal),
        GitOpsPage.Rows.Select(row => $"{row.Kind}: {row.State}").Order(StringComparer.Ordinal));

    [Fact]
    public void Kstatus_OfEachState_IsThatOfThePage() => Assert.Equal(
        GitOpsPage.Rows.Select(row => $"{row.Kind}, {row.State}: {row.Status}"),
        GitOpsPage.Rows.Select(
            row => $"{row.Kind}, {row.State}: {Kstatus.Of(RecordedStates.Of(row.Kind)[row.State])}"));

    [Fact]
    public void Kstatus_OfADeviceWhosePasswordWorks_IsCurrentAndNoOtherIs()
    {
        // Mutants: no Ready in the first status; Reconciling beside Ready=True; trust a status of an earlier
        // generation.
        foreach ((string state, JsonObject device) in RecordedStates.Of("MailDevice"))
        {
            bool isSeen = (long)device["status"]!["observedGeneration"]! == (long)device["metadata"]!["generation"]!;
            bool isReady = isSeen && (string)device["status"]!["conditions"]![0]!["status"]! == "True";

            Assert.True(isReady == (Kstatus.Of(device) == "Current"), state);
        }
    }
}
