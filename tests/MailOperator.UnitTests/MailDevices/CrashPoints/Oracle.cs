using System.Text.Json.Nodes;
using MailOperator.Api;
using MailOperator.MailDevices.Secrets;

namespace MailOperator.UnitTests.MailDevices.CrashPoints;

/// <summary>
/// Judges what the outside world sees of the one device: at every change of a Secret or of the backend, and at rest.
/// Knows nothing of how the operator works.
/// </summary>
internal sealed class Oracle
{
    private static readonly string[] TemplateKeys = ["A", "B", "DSN"];

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

    /// <summary>Passwords that somebody chose.</summary>
    public HashSet<string> Chosen { get; } = [];

    /// <summary>Passwords that a Secret of the device has shown so far.</summary>
    public int Issued => _issued.Count;

    /// <summary>How long a password goes on working after a newer one is shown.</summary>
    public TimeSpan Overlap { get; set; } = World.Overlap;

    /// <summary>The password that was claimed through an invitation; null if none was.</summary>
    public string? Claimed { get; set; }

    /// <summary>SHA-256 of the token of a link that nobody may use any more.</summary>
    public string? DeadLink { get; set; }

    /// <summary>Whether the credential is to outlive the device.</summary>
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

    /// <summary>From here on a password need not be accepted until it has been once again: somebody else broke it.</summary>
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

    /// <summary>At rest: exactly one Secret, whose password works, and no slot but what it names.</summary>
    public void JudgeRest()
    {
        JsonObject? device = _world.Device;
        string[] selectors = [.. _world.Slots.Of(World.Owner).Select(static slot => slot.Selector)];
        if (device is null || _world.HasEnded)
        {
            Expect(IsRetained || selectors.Length == 0, $"the device has ended and its slots {string.Join(',', selectors)} have not");
            Expect(
                !IsRetained || (selectors.Length > 0 && _world.Slots.Of(World.Owner).All(static slot => slot.IsRetained)),
                "a slot that was to be retained is not, or is not marked so");
            Expect(!_world.SecretsOfDevice().Any(), "the device has ended and its Secret is there");
            string reason = _world.IsGrantRevoked ? Reasons.NotAllowed : _world.IsClaimLost ? Reasons.HeldByPerson : Reasons.Expired;
            Expect(device is null || Ready(device)?["reason"]?.GetValue<string>() == reason, $"it does not say {reason}");
            return;
        }

        JsonObject[] secrets = [.. _world.SecretsOfDevice()];
        Expect(secrets.Length == 1, $"{secrets.Length} Secrets at rest");
        foreach (JsonObject secret in secrets)
        {
            string current = Annotation(secret, Annotations.Credential);
            string[] named = [current, .. CredentialAnnotations.ParseRetiring(Annotation(secret, Annotations.Retiring))
                .Where(retiring => retiring.At > _world.Clock.GetUtcNow()).Select(static retiring => retiring.Selector)];
            string slots = $"slots {string.Join(',', selectors)} where the Secret names {string.Join(',', named)}";
            Expect(selectors.Contains(current), slots);
            Expect(selectors.All(named.Contains), slots);
            Expect(Claimed is not null ? IsKept(secret, Claimed) : PasswordOf(secret) is { } shown && (Chosen.Contains(shown) || _world.Slots.IsIssuing || shown[..6] == current), "the Secret names another credential than it holds");
            JudgeRestarts(secret, current);
            JudgeTemplates(device["spec"]!["secret"]?["data"] as JsonObject, secret["data"]!.AsObject());
            JudgeStatus(device, current);
        }
    }

    private bool IsKept(JsonObject secret, string password) =>
        secret["data"]!["password"] is null && secret["data"]!["uri"] is null
        && ObjectFields.Text(secret["data"] as JsonObject, "hash") is { } hash && Verify(password, hash);

    /// <summary>A workload is restarted once for each password after the first: no more, whatever happens, and for the last one in any case.</summary>
    private void JudgeRestarts(JsonObject secret, string current)
    {
        foreach (JsonObject workload in _world.Cluster.All("deployments").Concat(_world.Cluster.All("daemonsets")))
        {
            int restarts = workload["metadata"]!["generation"]!.GetValue<int>() - 1;
            string name = workload["metadata"]!["name"]!.GetValue<string>();
            Expect(restarts < Issued, $"{restarts} restarts of {name} for {Issued} passwords");
            Expect(
                Issued == 1 || workload["spec"]!["template"]!["metadata"]!["annotations"]?[$"restart.mailoperator.io/{World.DeviceKey.Name}"]?.GetValue<string>() == current,
                $"{name} was not restarted for the password that the Secret holds");
        }

        Expect(secret["metadata"]!["annotations"]![Annotations.RestartOwed] is null, "at rest a restart is still owed");
    }

    /// <summary>Of the keys A, B and DSN exactly those that the spec asks for; what is made of the password is made of this one.</summary>
    private void JudgeTemplates(JsonObject? wanted, JsonObject data)
    {
        string[] names = [.. TemplateKeys.Where(data.ContainsKey)];
        Expect(names.SequenceEqual(TemplateKeys.Where(name => wanted?.ContainsKey(name) ?? false)), $"the Secret has {string.Join(',', names)} of the templates");
        Expect(
            !data.ContainsKey("DSN") || ObjectFields.Text(data, "DSN")!.Contains(ObjectFields.Text(data, "password")!, StringComparison.Ordinal), "a template shows another password than the Secret");
    }

    private void JudgeStatus(JsonObject device, string current)
    {
        bool isSuspended = (device["spec"]!["suspended"] ?? _world.User?["suspended"])?.GetValue<bool>() ?? false;
        bool maySend = _world.User?["sending"]?.GetValue<string>() != "Denied";
        JsonNode? ready = Ready(device);
        Expect((ready?["status"]?.GetValue<string>() == "True") == !isSuspended, $"at rest the status says {ready?.ToJsonString() ?? "nothing"}");
        Expect(
            JsonNode.DeepEquals(device["status"]?["observedGeneration"], device["metadata"]!["generation"]), "the status is of another generation");
        Expect(device["status"]?["credentials"]?[0]?["id"]?.GetValue<string>() == current, "the status shows another credential");
        Expect(_world.Slots.Of(World.Owner).All(slot => slot.Restrictions.MaySend == maySend), "a slot may send though the user may not, or the other way round");
        Expect(
            _world.Slots.Of(World.Owner).All(slot => slot.Restrictions.IsSuspended == isSuspended), "a slot is not suspended as the spec says");
    }

    private void Judge()
    {
        foreach (string password in PasswordsShown())
        {
            Note(password);
        }

        if (_world.HasEnded || _world.Device!["metadata"]!["deletionTimestamp"] is not null)
        {
            Expect(
                !_world.HasVerification || _world.SecretsOfDevice().Any() || _world.Server.LastWord == false,
                "the Secret of a deleted device went before its password was seen to be refused");
            EndAll(_world.Clock.GetUtcNow()); // any of them may be gone at any time now
            return;
        }

        if (IsLeakTold)
        {
            EndAll(_world.Clock.GetUtcNow()); // every one of before may be gone, and the Secret may still show it
        }

        foreach (string password in PasswordsShown().Where(_ => !IsLeakTold))
        {
            ExpectAccepted(password, "stands in the Secret");
        }

        if (Claimed is not null && ObjectFields.Condition(_world.Invitation?["status"], ConditionTypes.Claimed) == "True" && _world.Slots.Of(World.Owner).All(static slot => !slot.Restrictions.IsSuspended))
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

        // One that was chosen once more is as good as new; of generated ones none comes back, but several may be shown.
        if (_issued.RemoveAll(one => one.Text == password && Chosen.Contains(password)) == 0 && _issued.Exists(one => one.Text == password))
        {
            return;
        }

        Expect(
            !_world.HasVerification || Overlap == TimeSpan.Zero || _world.Server.HasHungUp || _world.Server.RefusesUntil <= _world.Clock.GetUtcNow(),
            $"password {password[..6]}… was handed out though the mail server refuses it");
        EndAll(_world.Clock.GetUtcNow() + Overlap);
        _issued.Add((password, DateTimeOffset.MaxValue));
    }

    /// <summary>A leak was told of, and no Secret holds a password that answers it.</summary>
    private bool IsLeakTold =>
        _world.Device!["metadata"]!["annotations"]?[Annotations.RotateAndRevoke]?.GetValue<string>() is { Length: > 0 } token
        && _world.SecretsOfDevice().All(secret => Annotation(secret, Annotations.HandledRotateAndRevoke) != token);

    private void EndAll(DateTimeOffset end)
    {
        for (int index = 0; index < _issued.Count; index++)
        {
            _issued[index] = _issued[index] with { AcceptedUntil = _issued[index].AcceptedUntil < end ? _issued[index].AcceptedUntil : end };
        }
    }

    private void ExpectAccepted(string password, string why)
    {
        bool isAccepted = _world.Slots.All.Any(slot =>
            slot.Mailbox == World.Mailbox && (slot.IsChosen ? Chosen.Contains(password) : _world.Slots.IsIssuing ? slot.Owner == World.Owner : slot.Selector == password[..6]) && Verify(password, slot.Hash));
        if (isAccepted)
        {
            _excused.Remove(password);
        }

        Expect(isAccepted || _excused.Contains(password), $"password {password[..6]}… {why} and is not accepted");
    }

    private bool Verify(string password, string hash)
    {
        if (!_verified.TryGetValue((password, hash), out bool isRight))
        {
            isRight = BCrypt.Net.BCrypt.Verify(password, hash);
            _verified[(password, hash)] = isRight;
        }

        return isRight;
    }

    private static JsonNode? Ready(JsonObject device) => device["status"]?["conditions"]?[0];

    private IEnumerable<string> PasswordsShown() => _world.SecretsOfDevice().Select(PasswordOf).OfType<string>();

    private static string? PasswordOf(JsonObject secret) => ObjectFields.Text(secret["data"] as JsonObject, "password");

    private static string Annotation(JsonObject secret, string name) => secret["metadata"]!["annotations"]![name]!.GetValue<string>();
}
