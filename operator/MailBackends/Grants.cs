using MailOperator.Api;

namespace MailOperator.MailBackends;

/// <summary>Decides which namespace may have which mailbox. Anything that no grant allows is denied.</summary>
internal static class Grants
{
    /// <param name="grants">The backend's grants.</param>
    /// <param name="namespace">The namespace of the device.</param>
    /// <param name="labels">The labels of that namespace.</param>
    /// <param name="mailbox">The mailbox of the device.</param>
    public static bool Allow(
        IReadOnlyList<GrantSpec>? grants,
        string @namespace,
        IReadOnlyDictionary<string, string> labels,
        string mailbox) =>
        Matching(grants, @namespace, labels, mailbox).Any();

    /// <summary>The grants that allow it. There may be several, each with its own quotas.</summary>
    public static IEnumerable<GrantSpec> Matching(
        IReadOnlyList<GrantSpec>? grants,
        string @namespace,
        IReadOnlyDictionary<string, string> labels,
        string mailbox) =>
        (grants ?? []).Where(grant =>
            Selects(grant.Namespaces, @namespace, labels)
            && grant.Mailboxes.Any(pattern => Matches(pattern, mailbox)));

    /// <summary>
    /// The domains of the mailboxes that are granted to a namespace, in lower case. One that is written with <c>*</c>
    /// names no domain.
    /// </summary>
    public static IEnumerable<string> Domains(
        IReadOnlyList<GrantSpec>? grants, string @namespace, IReadOnlyDictionary<string, string> labels) =>
        from grant in grants ?? []
        where Selects(grant.Namespaces, @namespace, labels)
        from pattern in grant.Mailboxes
        let domain = pattern[(pattern.LastIndexOf('@') + 1)..]
        where domain.Length < pattern.Length && !domain.Contains('*', StringComparison.Ordinal)
        select MailboxAddress.Normalize(domain);

    /// <summary>The grants that apply to a device whose password is chosen (or not).</summary>
    public static IReadOnlyList<GrantSpec>? For(bool isChosen, MailBackend backend) =>
        !isChosen
            ? backend.Spec.Grants
            : backend.Spec.Grants?.Where(
                static grant => grant.ChosenPasswords == ChosenPasswordPolicy.Allowed).ToArray();

    /// <summary>
    /// Whether the mailbox matches a pattern in which <c>*</c> is any run of characters but <c>@</c>; ignores case.
    /// </summary>
    public static bool Matches(string pattern, string mailbox) =>
        MatchesFrom(MailboxAddress.Normalize(pattern), MailboxAddress.Normalize(mailbox));

    private static bool Selects(
        NamespaceSelection? selection, string @namespace, IReadOnlyDictionary<string, string> labels)
    {
        if (selection is null or { Names: null, Selector: null })
        {
            return true;
        }

        if (selection.Names is { } names && !names.Contains(@namespace, StringComparer.Ordinal))
        {
            return false;
        }

        return selection.Selector is null || Selects(selection.Selector, labels);
    }

    private static bool Selects(LabelSelector selector, IReadOnlyDictionary<string, string> labels) =>
        (selector.MatchLabels ?? [])
            .All(wanted => labels.TryGetValue(wanted.Key, out string? value) && value == wanted.Value)
        && (selector.MatchExpressions ?? []).All(requirement => Meets(requirement, labels));

    private static bool Meets(LabelSelectorRequirement requirement, IReadOnlyDictionary<string, string> labels)
    {
        bool isPresent = labels.TryGetValue(requirement.Key, out string? value);
        bool isAmong = isPresent && (requirement.Values ?? []).Contains(value, StringComparer.Ordinal);
        return requirement.Operator switch
        {
            LabelSelectorOperator.In => isAmong,
            LabelSelectorOperator.NotIn => !isAmong,
            LabelSelectorOperator.Exists => isPresent,
            LabelSelectorOperator.DoesNotExist => !isPresent,
            _ => false,
        };
    }

    // Greedy, and backtracks only to the last star: at worst the product of both lengths, never exponential.
    private static bool MatchesFrom(string pattern, string text)
    {
        int p = 0, t = 0, star = -1, mark = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                mark = t;
            }
            else if (p < pattern.Length && pattern[p] == text[t])
            {
                p++;
                t++;
            }
            else if (star >= 0 && text[mark] != '@')
            {
                p = star + 1;
                t = ++mark;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }
}
