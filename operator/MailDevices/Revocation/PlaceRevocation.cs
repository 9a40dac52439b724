using System.Collections.Immutable;
using MailOperator.Backends;
using MailOperator.Kubernetes;
using MailOperator.MailDevices.Planning;
using MailOperator.MailServers;

namespace MailOperator.MailDevices.Revocation;

/// <summary>
/// What ends at one MailBackend: it refuses the slot first, then mail servers are told once none of them may accept it
/// any more, and the slot is removed last. The slots record this progress, so an interrupted revocation continues.
/// Where no mail server is told, the slot is removed at once. Pure.
/// </summary>
internal sealed class PlaceRevocation
{
    private readonly MailDeviceSnapshot _device;
    private readonly LeakedPasswords _leaked;
    private readonly SlotPlace _place;
    private readonly DateTimeOffset _now;
    private readonly ILookup<Fate, Slot> _live;
    private readonly ILookup<bool, Slot> _ended;
    private readonly bool _endsAll;
    private readonly bool _isCleared;

    /// <param name="device">The device as observed.</param>
    /// <param name="place">The MailBackend and what it holds.</param>
    /// <param name="leaked">The passwords that rotate-and-revoke ends.</param>
    /// <param name="mayGive">A new password can follow in the same plan.</param>
    /// <param name="now">The time.</param>
    public PlaceRevocation(
        MailDeviceSnapshot device, SlotPlace place, LeakedPasswords leaked, bool mayGive, DateTimeOffset now)
    {
        (_device, _place, _leaked, _now) = (device, place, leaked, now);
        _isCleared = device.IsGrantRevoked || (StopsInForce.IsDeleted(device) && !IsRetained);
        _endsAll = _isCleared || StopsInForce.IsExpired(device, now) || IsEndOfSuspension;
        _live = place.Slots.ToLookup(slot =>
            _endsAll || SlotPhases.IsOver(slot, device, now) || (mayGive && IsTooWide(slot)) ? Fate.Ends
            : leaked.Contain(slot) ? Fate.IsLeaked
            : Fate.GoesOn);
        _ended = place.EndedSlots.ToLookup(slot => Left(slot) <= TimeSpan.Zero && !MustBeRefusedAgain(slot));
    }

    private enum Fate
    {
        GoesOn,
        Ends,
        IsLeaked,
    }

    /// <summary>Some slots go on.</summary>
    public bool HasLive => _live[Fate.GoesOn].Any();

    /// <summary>Mail servers are still to be told of an end.</summary>
    public bool IsPending => (IsTold && (_live[Fate.Ends].Any() || _live[Fate.IsLeaked].Any()))
        || _ended[false].Any()
        || SuspensionLeft > TimeSpan.Zero;

    /// <summary>Once the changes are carried out, it holds no slot of the device, or only retained ones.</summary>
    public bool IsNothingLeft => (IsRetained || !HasLive) && !IsPending;

    private bool HasSlots => !_place.Slots.IsEmpty || !_place.EndedSlots.IsEmpty;

    // Even if no slot is listed, one more removal confirms it before the finalizer goes.
    private bool IsUnconfirmed =>
        _device is { HasFinalizer: true, IsDeleting: false } || StopsInForce.IsDeleted(_device);

    private bool IsTold => _place.PropagationDelay is not null;

    // The passwords outlive their device: only if the platform allows it, and never longer than it allows.
    private bool IsRetained => StopsInForce.IsDeleted(_device)
        && _device.DeletionPolicy == Api.DeletionPolicy.Retain
        && _place.IsRetentionAllowed
        && !_device.IsGrantRevoked
        && !StopsInForce.IsExpired(_device, _now);

    // A mail system that cannot refuse a password for a while can only end it.
    private bool IsEndOfSuspension =>
        _device.Stops.IsSuspended && _place.Capabilities.HasFlag(BackendCapabilities.Issued) && !IsRetained;

    // A mail system that fixes the protocols of a password can only replace it by a narrower one.
    private bool IsTooWide(Slot slot) => _place.Capabilities.HasFlag(BackendCapabilities.Issued)
        && _device.Stops.Protocols is { } allowed
        && slot.Restrictions.Protocols.Any(one => !allowed.Contains(one));

    private TimeSpan SuspensionLeft =>
        _device.Stops.IsSuspended && _place is { PropagationDelay: { } delay, Name: null } && HasLive
        && !_device.IsSuspensionComplete
            ? Propagation.Left(_device.SuspendedSince ?? _now, delay, _now)
            : TimeSpan.Zero;

    public IEnumerable<Change> Changes()
    {
        Slot[] refusedAgain = [.. _ended[false].Where(MustBeRefusedAgain)];
        if (!(_isCleared && !IsTold)) // else all slots are removed at once
        {
            foreach (Change change in End([.. _live[Fate.Ends], .. refusedAgain]))
            {
                yield return change;
            }
        }

        Slot[] goingOn = [.. _live[Fate.GoesOn]];
        ImmutableArray<Slot> limited = [.. goingOn.Select(Limited).Except(goingOn)];
        if (!limited.IsEmpty)
        {
            yield return new Change.LimitSlots(limited) { At = _place.Name };
        }

        foreach (Change change in Finish())
        {
            yield return change;
        }
    }

    /// <summary>
    /// Ends the leaked passwords. Comes after <see cref="Changes"/>, because the annotation is read again first.
    /// </summary>
    public IEnumerable<Change> ChangesOfLeaked() => End([.. _live[Fate.IsLeaked]]);

    /// <summary>When something here ends next.</summary>
    public IEnumerable<DateTimeOffset> NextLooks()
    {
        foreach (Slot slot in _live[Fate.GoesOn])
        {
            if (SlotPhases.EndOf(slot, _device) is { } end && end > _now)
            {
                yield return end;
            }
        }

        if (IsTold && (_live[Fate.Ends].Any() || _live[Fate.IsLeaked].Any()))
        {
            yield return Propagation.EndsAt(_now, _place.PropagationDelay!.Value);
        }

        foreach (Slot slot in _ended[false])
        {
            yield return _now + Left(slot);
        }

        if (SuspensionLeft is { Ticks: > 0 } left)
        {
            yield return _now + left;
        }
    }

    /// <summary>Fields whose limits the backend cannot enforce on the slots that go on.</summary>
    public IEnumerable<string> Unenforced() =>
        _live[Fate.GoesOn].SelectMany(slot => _device.Stops.Unenforced(slot.Restrictions, _place.Capabilities));

    /// <summary>The slot as the backend keeps it until the mail servers are told: refused, with its end.</summary>
    public static Slot Refused(Slot slot, SlotEnd end) => slot with
    {
        End = end,
        Restrictions = slot.Restrictions with { IsSuspended = true },
    };

    private IEnumerable<Change> End(Slot[] slots)
    {
        if (slots.Length == 0)
        {
            yield break;
        }

        if (IsTold)
        {
            var at = Rfc3339.WholeSeconds(_now);
            yield return new Change.RefuseSlots(
                [.. slots.Select(slot => Refused(slot, new SlotEnd(at, EndsSessions(slot))))])
            { At = _place.Name };
        }
        else
        {
            yield return new Change.RemoveSlots([.. slots.Select(static slot => slot.Selector)])
            {
                EndsSessions = slots.Any(EndsSessions),
                At = _place.Name,
            };
        }
    }

    // An overlap that ended leaves sessions alone; the end of the device does not.
    private bool MustBeRefusedAgain(Slot slot) => IsTold && _endsAll && slot.End is not { EndsSessions: true };

    private bool EndsSessions(Slot slot) =>
        _endsAll || _live[Fate.IsLeaked].Contains(slot) || !SlotPhases.HadOverlap(slot, _device);

    private TimeSpan Left(Slot slot) => _place.PropagationDelay is { } delay
        ? Propagation.Left(slot.End!.At, delay, _now)
        : TimeSpan.Zero;

    private Slot Limited(Slot slot)
    {
        SlotRestrictions limited = _device.Stops.Limit(slot.Restrictions, _place.Capabilities);
        return slot with
        {
            Restrictions = limited with { IsSuspended = limited.IsSuspended || _leaked.Keep(slot) },
        };
    }

    private IEnumerable<Change> Finish()
    {
        Slot[] done = [.. _ended[true]];
        bool isSuspensionDue = IsTold && _place.Name is null && _device.Stops.IsSuspended && HasLive
            && !_device.IsSuspensionComplete && SuspensionLeft <= TimeSpan.Zero;
        if (IsTold && (done.Length > 0 || isSuspensionDue))
        {
            yield return new Change.TellMailServers(
                [.. done.Concat(isSuspensionDue ? _live[Fate.GoesOn] : []).Select(static slot => slot.Mailbox)
                    .Distinct(StringComparer.Ordinal)],
                isSuspensionDue || done.Any(static slot => slot.End!.EndsSessions))
            {
                At = _place.Name,
                CompletesSuspension = isSuspensionDue,
            };
        }

        if (_isCleared && !IsPending && (HasSlots || IsUnconfirmed))
        {
            yield return new Change.RemoveAll { At = _place.Name };
        }
        else if (done.Length > 0)
        {
            yield return new Change.RemoveSlots([.. done.Select(static slot => slot.Selector)]) { At = _place.Name };
        }

        if (IsRetained && _live[Fate.GoesOn].Any(static slot => !slot.IsRetained))
        {
            yield return new Change.RetainSlots(
                [.. _live[Fate.GoesOn].Select(slot => Limited(slot) with { IsRetained = true })])
            {
                At = _place.Name,
            };
        }
    }
}
