namespace MailOperator.MailBackends;

/// <summary>The groups that quotas count, each for as long as it has members. Not thread-safe.</summary>
internal sealed class QuotaGroups
{
    private readonly Dictionary<QuotaKey, QuotaGroup> _groups = [];

    public QuotaGroup? Find(QuotaKey key) => _groups.GetValueOrDefault(key);

    /// <summary>Groups of one backend.</summary>
    public IEnumerable<QuotaGroup> At(string backend) => _groups.Values.Where(group => group.Key.Backend == backend);

    /// <summary>Adds a member.</summary>
    public QuotaGroup Join(QuotaKey key, bool isAdmitted)
    {
        if (!_groups.TryGetValue(key, out QuotaGroup? group))
        {
            _groups[key] = group = new QuotaGroup(key);
        }

        group.Members++;
        group.Admitted += isAdmitted ? 1 : 0;
        return group;
    }

    /// <summary>Removes a member.</summary>
    public void Leave(QuotaGroup group, bool wasAdmitted)
    {
        group.Admitted -= wasAdmitted ? 1 : 0;
        if (--group.Members == 0)
        {
            _groups.Remove(group.Key);
        }
    }
}
