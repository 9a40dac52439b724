using System.Security.Cryptography;

namespace MailOperator.Tests.Infomaniak;

/// <summary>A user of the provider, with or without the right to send.</summary>
internal sealed record InfomaniakUser(int Id, string Email, string FirstName, string LastName, bool MaySend = true);

/// <summary>A device. It may have access to several mailboxes, and has at most one user.</summary>
internal sealed class InfomaniakDevice
{
    public required int Id { get; init; }

    public required string Label { get; set; }

    /// <summary><c>legacy</c> is the single password that a mailbox had before the feature.</summary>
    public required string Type { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public string? Uid { get; init; }

    public InfomaniakUser? User { get; init; }
}

/// <summary>The access of a device to a mailbox, with its password.</summary>
internal sealed class InfomaniakAccess
{
    public required int Id { get; init; }

    public required InfomaniakDevice Device { get; init; }

    /// <summary>The local part of the mailbox.</summary>
    public required string Mailbox { get; set; }

    public required string Protocols { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string Password { get; set; }

    public DateTimeOffset? LastConnection { get; set; }

    /// <summary><c>healthy</c>, <c>leaked</c> or <c>spam</c>.</summary>
    public string Status { get; set; } = "healthy";
}

/// <summary>A refusal, with a code of the description.</summary>
internal sealed class InfomaniakRefusal(int status, string code) : Exception(code)
{
    public int Status => status;

    public string Code => Message;
}

/// <summary>
/// One mail hosting: mailboxes, users, devices and their accesses, with the rules of the description. It does not say,
/// so this is assumed: a device is removed with its last access, and several devices may have the same label.
/// </summary>
internal sealed class InfomaniakHosting(TimeProvider clock, string domain)
{
    public const int Id = 4711;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _mailboxes = new(StringComparer.Ordinal);
    private readonly List<InfomaniakUser> _users = [];
    private readonly List<InfomaniakAccess> _accesses = [];
    private int _lastId = 100;

    public string Domain => domain;

    /// <summary>The owner of the token.</summary>
    public InfomaniakUser Administrator { get; } = new(1, $"admin@{domain}", "Ada", "Administrator");

    public IReadOnlyList<InfomaniakAccess> Accesses
    {
        get
        {
            lock (_gate)
            {
                return [.. _accesses];
            }
        }
    }

    public void AddMailbox(string localPart)
    {
        lock (_gate)
        {
            _mailboxes.Add(localPart);
        }
    }

    /// <summary>Removes it with its passwords.</summary>
    public void RemoveMailbox(string localPart)
    {
        lock (_gate)
        {
            _mailboxes.Remove(localPart);
            _accesses.RemoveAll(one => one.Mailbox == localPart);
        }
    }

    /// <summary>Its passwords keep working under the new name.</summary>
    public void RenameMailbox(string localPart, string newLocalPart)
    {
        lock (_gate)
        {
            _mailboxes.Remove(localPart);
            _mailboxes.Add(newLocalPart);
            foreach (InfomaniakAccess access in _accesses.Where(one => one.Mailbox == localPart))
            {
                access.Mailbox = newLocalPart;
            }
        }
    }

    public InfomaniakUser AddUser(string firstName, bool maySend = true)
    {
        lock (_gate)
        {
            var user = new InfomaniakUser(++_lastId, $"{firstName}@{domain}", firstName, "Example", maySend);
            _users.Add(user);
            return user;
        }
    }

    /// <summary>The single password that a mailbox had before the feature.</summary>
    public InfomaniakAccess AddLegacy(string mailbox)
    {
        lock (_gate)
        {
            return Add(NewDevice("Legacy", "legacy", null, null), mailbox, "pop3-imap");
        }
    }

    /// <summary>
    /// Whether a login by IMAP, POP3 or SMTP is accepted. Every access may send unless its user may not.
    /// </summary>
    public bool Accepts(string mailbox, string protocol, string password) => Accesses.Any(access =>
        access.Mailbox == mailbox && access.Password == password
        && (protocol == "SMTP"
            ? access.Device.User?.MaySend ?? true
            : access.Protocols.Split('-').Contains(protocol.ToLowerInvariant())));

    public InfomaniakAccess Create(
        string mailbox, string protocols, string? label, string? type, int? userId, int? deviceId, string? deviceUid)
    {
        lock (_gate)
        {
            ThrowIfNoMailbox(mailbox);
            InfomaniakUser? user = userId is null ? null : _users.Find(one => one.Id == userId) ?? throw NotFound();
            if (type == "legacy")
            {
                throw new InfomaniakRefusal(422, "legacy_device_creation");
            }

            InfomaniakDevice device = deviceId is { } id
                ? Existing(id, mailbox, user)
                : NewDevice(label ?? "Device", type ?? "other", user, deviceUid);
            return Add(device, mailbox, protocols);
        }
    }

    public InfomaniakAccess Regenerate(string mailbox, int accessId)
    {
        lock (_gate)
        {
            InfomaniakAccess access = Find(mailbox, accessId);
            (access.Password, access.Status) = (NewPassword(), "healthy");
            return access;
        }
    }

    public void Delete(string mailbox, int accessId)
    {
        lock (_gate)
        {
            Remove(one => one == Find(mailbox, accessId));
        }
    }

    /// <summary>All accesses of a mailbox, or those of one user.</summary>
    public void DeleteAll(string mailbox, int? userId)
    {
        lock (_gate)
        {
            ThrowIfNoMailbox(mailbox);
            Remove(one => one.Mailbox == mailbox && (userId is null || one.Device.User?.Id == userId));
        }
    }

    public void DeleteDevices(Func<InfomaniakDevice, bool> which)
    {
        lock (_gate)
        {
            _accesses.RemoveAll(one => which(one.Device));
        }
    }

    public void DeleteDevice(int deviceId)
    {
        lock (_gate)
        {
            InfomaniakDevice device = Device(deviceId);
            _accesses.RemoveAll(one => one.Device == device);
        }
    }

    public void Rename(int deviceId, string label)
    {
        lock (_gate)
        {
            InfomaniakDevice device = Device(deviceId);
            device.Label = _accesses.Exists(one => one.Device != device && one.Device.Label == label)
                ? throw new InfomaniakRefusal(409, "device_already_exists")
                : label;
        }
    }

    public IReadOnlyList<InfomaniakAccess> List(string mailbox)
    {
        lock (_gate)
        {
            ThrowIfNoMailbox(mailbox);
            return [.. _accesses.Where(one => one.Mailbox == mailbox)];
        }
    }

    private static InfomaniakRefusal NotFound() => new(404, "object_not_found");

    private static string NewPassword() =>
        RandomNumberGenerator.GetString("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 24);

    private void ThrowIfNoMailbox(string mailbox)
    {
        if (!_mailboxes.Contains(mailbox))
        {
            throw NotFound();
        }
    }

    private InfomaniakDevice Device(int id) => _accesses.Find(one => one.Device.Id == id)?.Device ?? throw NotFound();

    private InfomaniakAccess Find(string mailbox, int accessId) =>
        _accesses.Find(one => one.Mailbox == mailbox && one.Id == accessId) ?? throw NotFound();

    private InfomaniakDevice Existing(int id, string mailbox, InfomaniakUser? user)
    {
        InfomaniakDevice device = Device(id);
        return device.Type == "legacy" ? throw new InfomaniakRefusal(422, "legacy_device_creation")
            : device.User != user ? throw new InfomaniakRefusal(422, "existing_device_can_only_have_one_user")
            : _accesses.Exists(one => one.Device == device && one.Mailbox == mailbox)
                ? throw new InfomaniakRefusal(409, "device_already_has_access_to_mailbox")
            : device;
    }

    private InfomaniakDevice NewDevice(string label, string type, InfomaniakUser? user, string? uid) =>
        new() { Id = ++_lastId, Label = label, Type = type, User = user, Uid = uid, CreatedAt = clock.GetUtcNow() };

    private InfomaniakAccess Add(InfomaniakDevice device, string mailbox, string protocols)
    {
        var access = new InfomaniakAccess
        {
            Id = ++_lastId,
            Device = device,
            Mailbox = mailbox,
            Protocols = protocols,
            Password = NewPassword(),
            CreatedAt = clock.GetUtcNow(),
        };
        _accesses.Add(access);
        return access;
    }

    private void Remove(Func<InfomaniakAccess, bool> which)
    {
        List<InfomaniakAccess> going = [.. _accesses.Where(which)];
        if (going.Exists(static one => one.Device.Type == "legacy"))
        {
            throw new InfomaniakRefusal(403, "legacy_device_deletion");
        }

        _accesses.RemoveAll(going.Contains);
    }
}
