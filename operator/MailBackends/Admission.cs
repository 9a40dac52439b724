namespace MailOperator.MailBackends;

/// <summary>What the last look at a device decided.</summary>
internal enum Admission
{
    /// <summary>Not looked at yet. Taken to have a place if it has a finalizer, and to wait for one if not.</summary>
    Unjudged,

    /// <summary>It has a credential, or may have one now.</summary>
    Admitted,

    /// <summary>It may have one as soon as there is room.</summary>
    Waiting,

    /// <summary>It cannot use a place: it has another problem, or no grant. It takes no place from others.</summary>
    Yielded,
}
