using MailOperator.Api;
using MailOperator.Kubernetes;

namespace MailOperator.Reporting;

/// <summary>Counts the conditions of all objects of one kind.</summary>
internal sealed class ObjectTally
{
    // The reason of an object that has no condition Ready yet.
    private const string New = "New";

    // Those that alerts ask for are there at zero.
    private static readonly string[] Asked =
    [
        ConditionTypes.Stalled, ConditionTypes.Reconciling, ConditionTypes.RevocationPending, ConditionTypes.Expiring,
        ConditionTypes.Expired, ConditionTypes.Compromised, ConditionTypes.InstanceShared, ConditionTypes.OrphansHeld,
        ConditionTypes.DefaultConflict, ConditionTypes.RotationRefused, ConditionTypes.RestartPending,
    ];

    private readonly Dictionary<(string Status, string Reason), int> _ready = [];
    private readonly Dictionary<(string Type, string Status), int> _conditions = [];

    public ObjectTally(IEnumerable<IReadOnlyList<Condition>?> objects)
    {
        foreach (string type in Asked)
        {
            _conditions[(type, "True")] = 0;
        }

        foreach (IReadOnlyList<Condition>? conditions in objects)
        {
            Add(conditions ?? []);
        }
    }

    /// <summary>Objects with the reason RevocationBlocked.</summary>
    public int Blocked { get; private set; }

    /// <summary>Since when the oldest pending revocation is; null if there is none.</summary>
    public DateTimeOffset? PendingSince { get; private set; }

    /// <summary>By status and reason of Ready.</summary>
    public IEnumerable<Sample> Ready => _ready.Select(static pair =>
        new Sample(pair.Value, Lower(pair.Key.Status), pair.Key.Reason));

    /// <summary>The status of Ready as a label: true, false or unknown.</summary>
    public static string StatusOf(IReadOnlyList<Condition>? conditions) =>
        Lower(StatusConditions.Find(conditions ?? [], ConditionTypes.Ready)?.Status ?? "Unknown");

    /// <summary>By type and status, Ready left out.</summary>
    public IEnumerable<Sample> Conditions(string kind) => _conditions.Select(pair =>
        new Sample(pair.Value, kind, pair.Key.Type, Lower(pair.Key.Status)));

    private void Add(IReadOnlyList<Condition> conditions)
    {
        bool isNew = true;
        foreach (Condition condition in conditions)
        {
            if (condition.Type == ConditionTypes.Ready)
            {
                isNew = false;
                Increment(_ready, (condition.Status, condition.Reason));
                continue;
            }

            Increment(_conditions, (condition.Type, condition.Status));
            if (condition is { Type: ConditionTypes.RevocationPending, Status: "True" })
            {
                Blocked += condition.Reason == Reasons.RevocationBlocked ? 1 : 0;
                PendingSince = PendingSince < condition.LastTransitionTime
                    ? PendingSince
                    : condition.LastTransitionTime;
            }
        }

        if (isNew)
        {
            Increment(_ready, ("Unknown", New));
        }
    }

    private static void Increment<TKey>(Dictionary<TKey, int> counts, TKey key)
        where TKey : notnull =>
        System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _)++;

    private static string Lower(string status) => status switch
    {
        "True" => "true",
        "False" => "false",
        _ => "unknown",
    };
}
