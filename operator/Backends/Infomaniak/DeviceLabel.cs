using System.Text.RegularExpressions;

namespace MailOperator.Backends.Infomaniak;

/// <summary>
/// The label of a device that the operator made: its display name and a mark that identifies the slot, as in
/// <c>Grafana alerts [mailoperator INSTANCE/UID:selector]</c>. The API has no other field for it.
/// </summary>
internal sealed partial record DeviceLabel(string Name, SlotOwner Owner, string Selector, bool IsRetained)
{
    /// <summary>Maximum length that the API accepts, in characters.</summary>
    public const int MaxLength = 255;

    private const string Retained = " retained";

    public static DeviceLabel Of(Slot slot) =>
        new(slot.Restrictions.DeviceName, slot.Owner, slot.Selector, slot.IsRetained);

    /// <summary>
    /// Null if the operator did not make the device. If a name contains text like a mark, only the last one counts.
    /// </summary>
    public static DeviceLabel? Parse(string label) =>
        Shape().Match(label) is { Success: true } match && SlotOwner.Parse(match.Groups["owner"].Value) is { } owner
            ? new DeviceLabel(
                match.Groups["name"].Value, owner, match.Groups["selector"].Value, match.Groups["retained"].Success)
            : null;

    /// <summary>
    /// The label. The name is cut so that the whole mark fits, with or without the note that it is retained.
    /// </summary>
    public override string ToString()
    {
        string mark = $"[mailoperator {Owner}:{Selector}{(IsRetained ? Retained : "")}]";
        int space = MaxLength - 1 - mark.Length - (IsRetained ? 0 : Retained.Length);
        string name = Cut(string.Concat(Name.EnumerateRunes()).Trim(), space);
        return name.Length == 0 ? mark : $"{name} {mark}";
    }

    // Never splits a surrogate pair.
    private static string Cut(string name, int length) =>
        name.Length <= length ? name : name[..(char.IsHighSurrogate(name[length - 1]) ? length - 1 : length)].TrimEnd();

    [GeneratedRegex(
        @"\A(?:(?<name>.*) )?" // what people read
        + @"\[mailoperator (?<owner>[A-Za-z0-9._-]{1,64}/[A-Za-z0-9._-]{1,64})" // operator and device
        + @":(?<selector>[a-z0-9]{6})(?<retained> retained)?\]\z",
        RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Shape();
}
