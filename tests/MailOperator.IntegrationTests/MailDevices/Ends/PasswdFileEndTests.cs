using MailOperator.IntegrationTests.Bed;

namespace MailOperator.IntegrationTests.MailDevices.Ends;

/// <summary>Passwords in a passwd-file of Dovecot.</summary>
public sealed class PasswdFileEndTests(ITestOutputHelper output) : EndMatrix(output)
{
    internal override Task<(string Backend, DovecotServer Dovecot)> StartAsync() =>
        Task.FromResult((TestBed.Backend, Bed.Dovecot));
}
