using System.Text.Json.Nodes;
using MailOperator.Api;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>
/// Judges what the outside world sees of the device: at every change of a Secret or of the backend, and at rest. It
/// knows nothing about how the operator works.
/// </summary>
internal sealed class Oracle
{
    private readonly World _world;
    private readonly List<string> _violations = [];
    private readonly List<(string Text, DateTimeOffset AcceptedUntil)> _issued = [];
    private readonly HashSet<string> _excused = [];
    private readonly Dictionary<(string Password, string Hash), bool> _verified = [];

    public Oracle(World world)
    {
        _world = world;
        world.Cluster.SecretChanged += Judge;
        world.Slots.Changed += Judge;
    }

    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Passwords that a person chose.</summary>
    public HashSet<string> Chosen { get; } = [];

    /// <summary>Number of passwords that a Secret of the device has shown so far.</summary>
    public int Issued => _issued.Count;

    /// <summary>How long a password keeps working after a newer one is shown.</summary>
    public TimeSpan Overlap { get; set; } = World.Overlap;

    /// <summary>The password that was claimed through an invitation; null if none was.</summary>
    public string? Claimed { get; set; }

    /// <summary>SHA-256 of the token of a link that must no longer work.</summary>
    public string? DeadLink { get; set; }

    /// <summary>Nothing calls for another password.</summary>
    public bool KeepsPassword { get; set; }

    /// <summary>Whether the credential must outlive the device.</summary>
    public bool IsRetained { get; set; }

    public void CopyFrom(Oracle other)
    {
        _violations.AddRange(other._violations);
        _issued.AddRange(other._issued);
        foreach ((var pair, bool isRight) in other._verified)
        {
            _verified[pair] = isRight;
        }
    }

    /// <summary>
    /// Allows a password to be refused until it is accepted again, because someone else broke it.
    /// </summary>
    public void Excuse(string password) => _excused.Add(password);

    /// <summary>Passwords that were handed out.</summary>
    public IEnumerable<string> HandedOut => _issued.Select(static one => one.Text);

    /// <summary>Passwords that were handed out and have been replaced.</summary>
    public IEnumerable<string> Replaced => _issued[..^1].Select(static one => one.Text);

    /// <summary>The password that the device's Secret shows now.</summary>
    public string Password => _issued[^1].Text;

    public void Expect(bool holds, string what)
    {
        if (!holds)
        {
            _violations.Add(what);
        }
    }

    /// <summary>At rest: exactly one Secret, whose password works, and only the slots that it names.</summary>
    public void JudgeRest() => new RestOracle(_world, this).Judge();

    private void Judge()
    {
        foreach (string password in PasswordsShown())
        {
            Note(password);
        }

        if (_world.HasEnded || _world.Device!["metadata"]!["deletionTimestamp"] is not null)
        {
            Expect(
                !_world.HasVerification || _world.SecretsOfDevice().Any() || _world.Server.LastAnswer == false,
                "the Secret of a deleted device went before its password was seen to be refused");
            EndAll(_world.Clock.GetUtcNow()); // any of them may end at any time now
            return;
        }

        if (IsLeakReported)
        {
            EndAll(_world.Clock.GetUtcNow()); // every earlier one may have ended, and the Secret may still show it
        }

        foreach (string password in PasswordsShown().Where(_ => !IsLeakReported))
        {
            ExpectAccepted(password, "stands in the Secret");
        }

        if (Claimed is not null
            && ObjectFields.Condition(_world.Invitation?["status"], ConditionTypes.Claimed) == "True"
            && _world.Slots.Of(World.Owner).All(static slot => !slot.Restrictions.IsSuspended))
        {
            ExpectAccepted(Claimed, "was claimed");
        }

        foreach ((string text, DateTimeOffset until) in _issued)
        {
            if (until > _world.Clock.GetUtcNow())
            {
                ExpectAccepted(text, $"was promised until {until:u}");
            }
        }
    }

    /// <summary>A password seen for the first time ends those before it after the overlap.</summary>
    private void Note(string password)
    {
        if (_excused.Contains(password) || (_issued.Count > 0 && _issued[^1].Text == password))
        {
            return;
        }

        // A password that is chosen again counts as new. A generated one never comes back, but several may be shown.
        if (_issued.RemoveAll(one => one.Text == password && Chosen.Contains(password)) == 0
            && _issued.Exists(one => one.Text == password))
        {
            return;
        }

        Expect(
            !_world.HasVerification
            || Overlap == TimeSpan.Zero
            || _world.Server.HasHungUp
            || _world.Server.RefusesUntil <= _world.Clock.GetUtcNow(),
            $"password {password[..6]}… was handed out though the mail server refuses it");
        Expect(!KeepsPassword, "another password was issued, and nothing calls for it");
        EndAll(_world.Clock.GetUtcNow() + Overlap);
        _issued.Add((password, DateTimeOffset.MaxValue));
    }

    /// <summary>A leak was reported, and no Secret holds a password that was issued for it.</summary>
    private bool IsLeakReported =>
        _world.Device!["metadata"]!["annotations"]?[Annotations.RotateAndRevoke]
            ?.GetValue<string>() is { Length: > 0 } token
        && _world.SecretsOfDevice().All(secret => Annotation(secret, Annotations.HandledRotateAndRevoke) != token);

    private void EndAll(DateTimeOffset end)
    {
        for (int index = 0; index < _issued.Count; index++)
        {
            _issued[index] = _issued[index] with
            {
                AcceptedUntil = _issued[index].AcceptedUntil < end ? _issued[index].AcceptedUntil : end,
            };
        }
    }

    private void ExpectAccepted(string password, string why)
    {
        bool isAccepted = _world.Slots.All.Any(slot =>
            slot.Mailbox == World.Mailbox && (slot.IsChosen ? Chosen.Contains(password)
                : _world.Slots.IsIssuing ? slot.Owner == World.Owner
                : slot.Selector == password[..6]) && Verify(password, slot.Hash));
        if (isAccepted)
        {
            _excused.Remove(password);
        }

        Expect(isAccepted || _excused.Contains(password), $"password {password[..6]}… {why} and is not accepted");
    }

    /// <summary>Whether the hash is of this password. Remembers it, because bcrypt is slow.</summary>
    public bool Verify(string password, string hash)
    {
        if (!_verified.TryGetValue((password, hash), out bool isRight))
        {
            isRight = BCrypt.Net.BCrypt.Verify(password, hash);
            _verified[(password, hash)] = isRight;
        }

        return isRight;
    }

    private IEnumerable<string> PasswordsShown() => _world.SecretsOfDevice().Select(PasswordOf).OfType<string>();

    public static string? PasswordOf(JsonObject secret) => ObjectFields.Text(secret["data"] as JsonObject, "password");

    public static string Annotation(JsonObject secret, string name) =>
        secret["metadata"]!["annotations"]![name]!.GetValue<string>();
}
