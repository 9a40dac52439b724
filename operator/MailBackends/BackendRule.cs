using MailOperator.Api;

namespace MailOperator.MailBackends;

/// <summary>A rule for one field of a MailBackend.</summary>
/// <param name="Field">The path of the field. If it cannot be read, the rule is broken.</param>
/// <param name="Broken">What is wrong with the field, as a clause; null if nothing is.</param>
/// <param name="Concerns">Whether a device that has a password depends on the field.</param>
internal sealed record BackendRule(
    string Field, Func<MailBackend, string?> Broken, Func<MailDevice, MailBackend, bool> Concerns)
{
    /// <summary>The problem with the field, as a clause; null if there is none.</summary>
    public string? Problem(MailBackend backend) =>
        backend.IsReadable(Field) ? Broken(backend) : $"{Field} cannot be read";
}
