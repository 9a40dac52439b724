namespace MailOperator.Backends;

/// <summary>
/// The owner of a slot: a MailDevice of one operator instance, so that two clusters can share a mail system.
/// </summary>
/// <param name="Instance">By default the UID of the namespace <c>kube-system</c>.</param>
/// <param name="DeviceUid">The UID, not the name: a recreated device does not own the slots of the old one.</param>
internal readonly record struct SlotOwner(string Instance, string DeviceUid)
{
    public override string ToString() => $"{Instance}/{DeviceUid}";

    public static SlotOwner? Parse(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < text.Length - 1 ? new SlotOwner(text[..slash], text[(slash + 1)..]) : null;
    }
}
