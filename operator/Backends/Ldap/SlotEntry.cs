using System.Collections.Immutable;
using System.Globalization;
using MailOperator.Api;
using MailOperator.Backends.Ldap.Protocol;

namespace MailOperator.Backends.Ldap;

/// <summary>A slot as an entry of the class <c>mailOperatorSlot</c>. Times are in UTC and whole seconds.</summary>
internal static class SlotEntry
{
    public const string AccountClass = "mailOperatorAccount";
    public const string SlotClass = "mailOperatorSlot";
    public const string ObjectClass = "objectClass";
    public const string Mailbox = "mailOperatorMailbox";
    public const string Selector = "mailOperatorSelector";
    public const string Place = "mailOperatorPlace";
    public const string Instance = "mailOperatorInstance";
    public const string DeviceUid = "mailOperatorDeviceUid";

    /// <summary>From when the server refuses it. Used by the overlay ppolicy, for entries with a policy.</summary>
    public const string EndTime = "pwdEndTime";
    public const string Policy = "pwdPolicySubentry";

    private const string Hash = "userPassword";
    private const string Lookup = "mailOperatorLookup";
    private const string Service = "mailOperatorService";
    private const string Protocol = "mailOperatorProtocol";
    private const string Sending = "mailOperatorSending";
    private const string Suspended = "mailOperatorSuspended";
    private const string Retained = "mailOperatorRetained";
    private const string AllowedNetworks = "mailOperatorAllowedNetworks";
    private const string IssuedAt = "mailOperatorIssuedAt";
    private const string EndedAt = "mailOperatorEndedAt";
    private const string EndsSessions = "mailOperatorEndsSessions";
    private const string Device = "mailOperatorDevice";

    private const string Crypt = "{CRYPT}";
    private const string Anywhere = "0.0.0.0/0,::/0,local";
    private const string Moment = "yyyyMMddHHmmss'Z'";

    /// <summary>
    /// What <see cref="Read"/> needs of an entry. The last two are operational attributes, which must be requested by
    /// name.
    /// </summary>
    public static IReadOnlyList<string> Everything { get; } = ["*", EndTime, Policy];

    /// <summary>Attributes that the schema requires: if one is missing, the operator may not read it.</summary>
    public static IReadOnlyList<string> Required { get; } =
    [
        Mailbox, Selector, Hash, Protocol, Sending, Suspended, Retained, AllowedNetworks, IssuedAt, Device, Instance,
        DeviceUid,
    ];

    /// <summary>All attributes of a slot's entry. One without values is absent.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="place">The number by which the mail server looks up a chosen password; null for a generated
    /// one.</param>
    /// <param name="policy">The DN of the policy that makes the server enforce expiry; null if there is none.</param>
    public static Dictionary<string, IReadOnlyList<string>> Attributes(Slot slot, int? place, string? policy)
    {
        SlotRestrictions restrictions = slot.Restrictions;
        return new Dictionary<string, IReadOnlyList<string>>(StringComparer.OrdinalIgnoreCase)
        {
            [ObjectClass] = [SlotClass],
            [Mailbox] = [slot.Mailbox],
            [Selector] = [slot.Selector],
            [Lookup] = place is null ? [slot.Selector + "00"] : [],
            [Place] = place is { } number ? [number.ToString(CultureInfo.InvariantCulture)] : [],
            [Hash] = [Crypt + slot.Hash],
            [Service] = [.. Services(slot)],
            [Protocol] = [.. restrictions.Protocols.Select(static protocol => protocol.ToString())],
            [Sending] = [Text(restrictions.MaySend)],
            [Suspended] = [Text(restrictions.IsSuspended)],
            [Retained] = [Text(slot.IsRetained)],
            [AllowedNetworks] =
                [restrictions.AllowedNetworks.IsEmpty ? Anywhere : string.Join(',', restrictions.AllowedNetworks)],
            [IssuedAt] = [Text(slot.IssuedAt)],
            [EndedAt] = slot.End is { } end ? [Text(end.At)] : [],
            [EndsSessions] = slot.End is { } ended ? [Text(ended.EndsSessions)] : [],
            [Device] = [restrictions.DeviceName],
            [Instance] = [slot.Owner.Instance],
            [DeviceUid] = [slot.Owner.DeviceUid],
            [EndTime] = slot.NotAfter is { } notAfter ? [Text(notAfter)] : [],
            [Policy] = policy is not null && slot.NotAfter is not null ? [policy] : [],
        };
    }

    /// <summary>Reads the slot of an entry. It is not intact if a put would change the entry.</summary>
    /// <exception cref="MailBackendException">Somebody else has edited the entry, or it is shown
    /// incompletely.</exception>
    public static Slot Read(LdapEntry entry, string? policy)
    {
        ThrowIfNotShown(entry, Required);
        try
        {
            Slot slot = Parse(entry);
            return slot with { IsIntact = IsUnchangedByPut(entry, Attributes(slot, ParsePlace(entry), policy)) };
        }
        catch (FormatException e)
        {
            throw Foreign(entry, e);
        }
    }

    /// <summary>The place of a chosen password; null for a generated one.</summary>
    /// <exception cref="MailBackendException">Somebody else has edited the entry.</exception>
    public static int? PlaceOf(LdapEntry entry)
    {
        try
        {
            return ParsePlace(entry);
        }
        catch (FormatException e)
        {
            throw Foreign(entry, e);
        }
    }

    /// <summary>Checks that attributes, all of them <see cref="Required"/>, are readable.</summary>
    /// <exception cref="MailBackendException">The operator may not read one of them.</exception>
    public static void ThrowIfNotShown(LdapEntry entry, params IReadOnlyList<string> attributes)
    {
        if (attributes.FirstOrDefault(attribute => entry.Values(attribute).Count == 0) is { } hidden)
        {
            throw new MailBackendException(
                BackendFailure.Rejected,
                $"The directory shows the operator {entry.Dn} without its {hidden}; "
                + "give the operator's entry the right to read all attributes below spec.ldap.baseDN.");
        }
    }

    private static MailBackendException Foreign(LdapEntry entry, FormatException error) => new(
        BackendFailure.Rejected,
        $"The entry {entry.Dn} of the directory was not written by an operator: {error.Message} Correct "
        + "it or delete it.");

    private static int? ParsePlace(LdapEntry entry) =>
        entry.Value(Place) is not { } text ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int place) ? place
            : throw new FormatException($"{Place} is not a place of a chosen password.");

    private static Slot Parse(LdapEntry entry) => new()
    {
        Owner = new SlotOwner(Only(entry, Instance), Only(entry, DeviceUid)),
        Mailbox = Only(entry, Mailbox),
        Selector = Only(entry, Selector),
        IsChosen = entry.Value(Place) is not null,
        Hash = Only(entry, Hash) is var hash && hash.StartsWith(Crypt, StringComparison.OrdinalIgnoreCase)
            ? hash[Crypt.Length..]
            : hash,
        IssuedAt = MomentOf(Only(entry, IssuedAt)),
        NotAfter = entry.Value(EndTime) is { } end ? MomentOf(end) : null,
        IsRetained = Flag(entry, Retained),
        End = entry.Value(EndedAt) is { } ended ? new SlotEnd(MomentOf(ended), Flag(entry, EndsSessions)) : null,
        Restrictions = new SlotRestrictions
        {
            DeviceName = Only(entry, Device),
            Protocols = [.. entry.Values(Protocol).Select(ProtocolOf).Order()],
            MaySend = Flag(entry, Sending),
            IsSuspended = Flag(entry, Suspended),
            AllowedNetworks = Only(entry, AllowedNetworks) is var networks && networks == Anywhere
                ? []
                : [.. networks.Split(',')],
        },
    };

    /// <summary>Dovecot's names of the services that accept it now.</summary>
    private static IEnumerable<string> Services(Slot slot)
    {
        ImmutableArray<MailProtocol> protocols = slot.Restrictions.Protocols;
        if (slot.Restrictions.IsSuspended || slot.End is not null)
        {
            yield break;
        }

        if (protocols.Contains(MailProtocol.IMAP))
        {
            yield return "imap";
        }

        if (protocols.Contains(MailProtocol.POP3))
        {
            yield return "pop3";
        }

        if (protocols.Contains(MailProtocol.SMTP) && slot.Restrictions.MaySend)
        {
            yield return "smtp"; // the name that Postfix asks for
            yield return "submission";
        }
    }

    private static bool IsUnchangedByPut(LdapEntry entry, Dictionary<string, IReadOnlyList<string>> put) =>
        put.All(attribute =>
            attribute.Key switch
            {
                ObjectClass => true, // the server adds superclasses
                Policy => AreSamePolicy(entry.Value(Policy), attribute.Value),
                _ => entry.Values(attribute.Key).Order(StringComparer.Ordinal)
                    .SequenceEqual(attribute.Value.Order(StringComparer.Ordinal)),
            });

    private static bool AreSamePolicy(string? there, IReadOnlyList<string> put) =>
        there is null ? put.Count == 0 : put is [string policy] && DistinguishedName.AreSame(there, policy);

    private static string Only(LdapEntry entry, string attribute) =>
        entry.Value(attribute) ?? throw new FormatException($"{attribute} has not exactly one value.");

    private static bool Flag(LdapEntry entry, string attribute) => Only(entry, attribute) == "TRUE";

    private static string Text(bool value) => value ? "TRUE" : "FALSE";

    private static string Text(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString(Moment, CultureInfo.InvariantCulture);

    private static MailProtocol ProtocolOf(string text) =>
        Enum.TryParse(text, ignoreCase: true, out MailProtocol protocol)
            ? protocol
            : throw new FormatException($"{Protocol} is unknown.");

    private static DateTimeOffset MomentOf(string text) => DateTimeOffset.TryParseExact(
        text, Moment, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset moment)
        ? moment
        : throw new FormatException("A time is not in UTC and whole seconds.");
}
