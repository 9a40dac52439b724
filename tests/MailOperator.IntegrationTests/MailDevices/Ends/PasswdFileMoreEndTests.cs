using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.MailDevices.Ends;

/// <summary>
/// Passwords in a passwd-file of Dovecot, while their Secret is not as it was made, or two things are wrong at once.
/// </summary>
public sealed class PasswdFileMoreEndTests(ITestOutputHelper output) : EndMatrix(output)
{
    internal override IReadOnlyList<EndState> States => MoreEndStates.All;

    internal override Task<(string Backend, DovecotServer Dovecot)> StartAsync() =>
        Task.FromResult((TestBed.Backend, Bed.Dovecot));
}
