using System.Collections.Immutable;
using MailOperator.Kubernetes;

namespace MailOperator.MailDevices.Secrets;

/// <summary>Formats and parses lists of credentials in annotations.</summary>
internal static class CredentialAnnotations
{
    public static string RetiringText(ImmutableArray<RetiringCredential> retiring) =>
        string.Join(
            ',', retiring.Select(static credential => $"{credential.Selector}={Rfc3339.Format(credential.At)}"));

    public static ImmutableArray<RetiringCredential> ParseRetiring(string? text)
    {
        var retiring = ImmutableArray.CreateBuilder<RetiringCredential>();
        foreach (string part in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && Rfc3339.Parse(part[(equals + 1)..]) is { } at)
            {
                retiring.Add(new RetiringCredential(part[..equals], at));
            }
        }

        return retiring.ToImmutable();
    }

    public static string ToBeRefusedText(ImmutableArray<SealedPassword> passwords) =>
        string.Join(',', passwords.Select(static one => $"{one.Selector}={Rfc3339.Format(one.EndsAt)}={one.Box}"));

    public static ImmutableArray<SealedPassword> ParseToBeRefused(string? text) =>
    [
        .. (text ?? "").Split(',').Select(static part => part.Split('='))
            .Where(static parts => parts.Length == 3 && Rfc3339.Parse(parts[1]) is not null)
            .Select(static parts => new SealedPassword(parts[0], Rfc3339.Parse(parts[1])!.Value, parts[2])),
    ];
}
