mod jose;
mod life;
mod set;
mod source;
mod waiting;
